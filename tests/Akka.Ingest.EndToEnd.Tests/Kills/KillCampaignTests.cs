namespace Akka.Ingest.EndToEnd.Tests.Kills;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>
/// Clients that never stop, a server that is killed with SIGKILL again and again. <c>INGEST_KILLS=500</c> sets how often;
/// <c>INGEST_SEED</c> repeats the choice of moments.
/// </summary>
public sealed class KillCampaignTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private static readonly int Kills = Number("INGEST_KILLS", 20);

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

    private async Task RunAsync(int kills, ServerSettings settings, TimeSpan longestRun)
    {
        var seed = Number("INGEST_SEED", Environment.TickCount);
        var random = new Random(seed);
        var ledger = new BatchLedger();
        var server = await StartServerAsync(settings);
        IngestStyle[] styles =
        [
            new(Keyed: true),
            new(Keyed: true, Clef: true),
            new(Keyed: true, MaxBatch: 20),
            new(Keyed: false),
            new(Keyed: false, Clef: true, MaxBatch: 100),
            new(Keyed: false, MaxBatch: 1),
        ];
        var clients = styles.Select(style => new IngestClient(server.Url, ledger, style)).ToList();
        using var stop = new CancellationTokenSource();
        var sending = clients.Select(client => client.RunAsync(TimeSpan.FromMilliseconds(30), stop.Token)).ToList();
        var clock = Stopwatch.StartNew();
        var killedBeforeReady = await KillAsync(server, kills, longestRun, random, sending);
        var killing = clock.Elapsed;

        await stop.CancelAsync();
        await Task.WhenAll(sending);
        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        var report = await reader.CheckAsync(ledger);

        Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"kill campaign, seed {seed}: {kills} kills ({killedBeforeReady} before the server was ready) in {killing.TotalSeconds:F0} s, {killing.TotalSeconds / kills:F1} s each"));
        Output.WriteLine($"  {report}");
        Output.WriteLine($"  repeats {clients.Sum(client => client.Repeats)}, answered from memory {clients.Sum(client => client.Replays)}");
        Assert.True(report.Acknowledged.Requests > kills, "The clients hardly got through: this run proves nothing.");
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        clients.ForEach(client => client.Dispose());
    }

    /// <summary>Kills at random moments, every fifth while the server is still recovering, others in a graceful stop. Ends with a server that is ready.</summary>
    private static async Task<int> KillAsync(ServerProcess server, int kills, TimeSpan longestRun, Random random, List<Task> sending)
    {
        var beforeReady = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(longestRun * random.NextDouble());
            if (kill % 5 == 2)
                await StopABitAsync(server, random);
            await server.KillAsync();
            if (sending.Find(task => task.IsFaulted) is { } broken)
                await broken;
            if (kill % 4 == 3 && ++kill < kills)
            {
                server.Start();
                await Task.Delay(TimeSpan.FromMilliseconds(1_200) * random.NextDouble());
                await server.KillAsync();
                beforeReady++;
            }

            server.Start();
            await server.WaitReadyAsync(TimeSpan.FromSeconds(30), queueMayBeFull: true);
        }

        return beforeReady;
    }

    /// <summary>A stop has begun when the kill comes: it hits the last write, the last snapshot, or the very end.</summary>
    private static async Task StopABitAsync(ServerProcess server, Random random)
    {
        PosixSignal.SendTerminate(server.ProcessId);
        await Task.Delay(TimeSpan.FromMilliseconds(250) * random.NextDouble());
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
