namespace Akka.Ingest.EndToEnd.Tests.Kills;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>
/// Clients that never stop, a server that is killed with SIGKILL again and again. <c>INGEST_KILLS=500</c> sets how often;
/// <c>INGEST_SEED</c> repeats the choice of moments.
/// </summary>
public sealed class KillCampaignTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private static readonly int Kills = KillCampaign.Number("INGEST_KILLS", 20);

    [Fact]
    public async Task Every_acknowledged_event_is_stored_exactly_once_whenever_the_server_is_killed() =>
        await RunAsync(Kills, new ServerSettings(), longestRun: TimeSpan.FromMilliseconds(1_200));

    /// <summary>A queue that is nearly always full, writes of 40 events, snapshots all the time: kills hit holding, bulk load, snapshot and trim.</summary>
    [Fact]
    public async Task Every_acknowledged_event_is_stored_exactly_once_when_kills_hit_a_full_queue_snapshots_and_trims()
    {
        var settings = ServerSettings.ForPipeline(("QueueCapacity", 2_000), ("BatchSize", 40), ("MaxBatchDelayMs", 5), ("MaxHoldMs", 200));
        settings["Spool__SnapshotIntervalMs"] = "100";
        await RunAsync(Math.Max(10, Kills / 2), settings, longestRun: TimeSpan.FromMilliseconds(1_500));
    }

    private async Task RunAsync(int kills, ServerSettings settings, TimeSpan longestRun) =>
        Output.WriteLine(await new KillCampaign(kills, longestRun).RunAsync(await StartServerAsync(settings)));
}
