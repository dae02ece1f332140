namespace Akka.Ingest.EndToEnd.Tests.Kills;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;

/// <summary>
/// Clients that never stop, a server that is killed with SIGKILL again and again; in the end every promise is checked.
/// <c>INGEST_SEED</c> repeats the choice of moments.
/// </summary>
internal sealed class KillCampaign(int kills, TimeSpan longestRun)
{
    public static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <returns>What was done and found, for people.</returns>
    public async Task<string> RunAsync(ServerProcess server)
    {
        var seed = Number("INGEST_SEED", Environment.TickCount);
        var random = new Random(seed);
        var ledger = new BatchLedger();
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
        var killedBeforeReady = await KillAsync(server, random, sending);
        var killing = clock.Elapsed;

        await stop.CancelAsync();
        await Task.WhenAll(sending);
        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        var report = await reader.CheckAsync(ledger);

        Assert.True(report.Acknowledged.Requests > kills, "The clients hardly got through: this run proves nothing.");
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        clients.ForEach(client => client.Dispose());
        return string.Create(CultureInfo.InvariantCulture, $"""
            kill campaign, seed {seed}: {kills} kills ({killedBeforeReady} before the server was ready) in {killing.TotalSeconds:F0} s, {killing.TotalSeconds / kills:F1} s each
              {report}
              repeats {clients.Sum(client => client.Repeats)}, answered from memory {clients.Sum(client => client.Replays)}
            """);
    }

    /// <summary>Kills at random moments, every fifth while the server is still recovering, others in a graceful stop. Ends with a server that is ready.</summary>
    private async Task<int> KillAsync(ServerProcess server, Random random, List<Task> sending)
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
}
