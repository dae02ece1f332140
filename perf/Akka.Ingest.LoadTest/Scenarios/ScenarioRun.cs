namespace Akka.Ingest.LoadTest.Scenarios;

using Akka.Ingest.LoadTest.Baselines;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Measure;
using Akka.Ingest.LoadTest.Server;

/// <summary>Runs a scenario on one server and holds its bars.</summary>
internal static class ScenarioRun
{
    /// <returns>The process exit code: 0 = every bar passes, 1 = a bar is missed or unknown.</returns>
    public static async Task<int> RunAsync(Scenario scenario, LoadOptions options)
    {
        var machine = MachineMeter.Describe(options.DataFolder ?? Path.GetTempPath());
        var loads = new List<LoadResult>();
        await using (var server = await ServerUnderTest.OpenAsync(options))
        {
            loads.Add(await MeasureAsync(scenario.Name, server.Options, server));
            if (scenario.ThenBaseline && await StoreBaseline.MeasureAsync(server) is { } baseline)
            {
                loads[0] = loads[0] with { Baseline = baseline };
                ReportTable.WriteBaseline(loads[0]);
            }

            if (scenario.ThenHalfTheRate)
            {
                var half = Math.Round(loads[0].Client.AcceptedEventsPerSecond / 2);
                loads.Add(await MeasureAsync($"{scenario.Name} at half the rate", server.Options with { Rate = half }, server));
            }
        }

        var result = new ScenarioResult(
            scenario.Name, TimeProvider.System.GetUtcNow(), machine, [.. options.ServerEnvironment.Select(WithoutSecrets)], loads, [.. scenario.Bars(loads)]);
        ReportTable.WriteBars(result.Bars);
        if (options.JsonFile is not null)
            ReportJson.Write(options.JsonFile, result);
        return result.Bars.All(bar => bar.Verdict == "PASS") ? 0 : 1;
    }

    private static async Task<LoadResult> MeasureAsync(string name, LoadOptions options, ServerUnderTest server)
    {
        var result = await new MeasuredLoad(name, options, server).RunAsync();
        ReportTable.WriteLoad(result);
        return result;
    }

    private static string WithoutSecrets(string setting) =>
        setting.StartsWith("Storage__ConnectionString=", StringComparison.OrdinalIgnoreCase) || setting.Contains('/', StringComparison.Ordinal)
            ? setting[..(setting.IndexOf('=') + 1)] + "(not shown)"
            : setting;
}
