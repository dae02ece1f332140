using System.Globalization;
using Akka.Ingest.LoadTest.Checks;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Scenarios;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var name = args is [{ } first, ..] && !first.StartsWith('-') ? first : "run";
var rest = args.AsSpan(args is [{ } only, ..] && only == name ? 1 : 0);
try
{
    if (name == "self-check")
        return await SelfCheck.RunAsync();
    if (name == "stub")
        return await StubAsync(CommandLine.Parse(rest, new LoadOptions()).Url.Port);
    if (Scenario.All.FirstOrDefault(scenario => scenario.Name == name) is not { } found || rest is ["--help"])
    {
        Console.WriteLine(CommandLine.Usage);
        return 64;
    }

    return await ScenarioRun.RunAsync(found, CommandLine.Parse(rest, found.Defaults));
}
catch (Exception mistake) when (mistake is FormatException or InvalidOperationException or IOException)
{
    await Console.Error.WriteLineAsync(mistake.Message);
    return 64;
}

static async Task<int> StubAsync(int port)
{
    using var stub = new StubServer(port);
    Console.WriteLine($"accepting everything on {stub.Url}, until Ctrl+C");
    await Task.Delay(Timeout.Infinite);
    return 0;
}
