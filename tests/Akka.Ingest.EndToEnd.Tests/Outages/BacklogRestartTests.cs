namespace Akka.Ingest.EndToEnd.Tests.Outages;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>A server with a long backlog is killed and must serve again soon. <c>INGEST_BACKLOG=10000000</c> sets how long it is.</summary>
public sealed class BacklogRestartTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Clients = 4;
    private const int BatchSize = 1_000;
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    private static readonly int Backlog =
        int.TryParse(Environment.GetEnvironmentVariable("INGEST_BACKLOG"), CultureInfo.InvariantCulture, out var events) ? events : 300_000;

    [Fact]
    public async Task A_killed_server_with_a_long_backlog_is_ready_within_30_seconds_and_then_stores_it_exactly_once()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync(ServerSettings.ForPipeline(("QueueCapacity", 100_000_000)));
        var reader = new StoreReader(server);
        using (new StoreLock(Folder))
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => FillAsync(server, ledger))));
            await server.KillAsync();

            var clock = Stopwatch.StartNew();
            await server.StartReadyAsync(ReadyLimit);
            var readyAfter = clock.Elapsed;
            Assert.Equal(0, await reader.CountAsync());
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ledger.AcknowledgedEvents} events in the backlog, ready {readyAfter.TotalSeconds:F1} s after the start, {new DirectoryInfo(Folder.Spool).EnumerateFiles().Sum(file => file.Length) >> 20} MiB of journal"));
        }

        var drain = Stopwatch.StartNew();
        await reader.WaitDrainedAsync(ledger, TimeSpan.FromSeconds(60 + (Backlog / 5_000)));
        var seconds = (int)drain.Elapsed.TotalSeconds;
        Output.WriteLine($"drained in {seconds} s; {await reader.CheckAsync(ledger)}");
    }

    private static async Task FillAsync(ServerProcess server, BatchLedger ledger)
    {
        using var client = new IngestClient(server.Url, ledger);
        for (var sent = 0; sent < Backlog / Clients; sent += BatchSize)
            await client.SendAsync(BatchSize);
    }
}
