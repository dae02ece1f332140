namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

public sealed class GracefulStopTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_stop_under_load_ends_in_time_and_nothing_is_lost_or_stored_twice()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync();
        using var stop = new CancellationTokenSource();
        IngestStyle[] styles = [new(Keyed: true), new(Keyed: false), new(Keyed: false, MaxBatch: 1)];
        var clients = styles.Select(style => new IngestClient(server.Url, ledger, style)).ToList();
        var sending = clients.Select(client => client.RunAsync(TimeSpan.Zero, stop.Token)).ToList();
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(400);
            Assert.Equal(0, await server.TerminateAsync(StopLimit));
            await server.StartReadyAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(sending);
        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        Output.WriteLine($"3 graceful stops under load: {await reader.CheckAsync(ledger)}");
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Requests_held_for_a_full_queue_are_refused_at_once_when_the_server_stops()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync(ServerSettings.ForPipeline(("QueueCapacity", 500), ("MaxHoldMs", 60_000)));
        using var filling = new IngestClient(server.Url, ledger, new IngestStyle(Keyed: false));
        using var held = new IngestClient(server.Url, ledger, new IngestStyle(Keyed: false));
        using (new StoreLock(Folder))
        {
            Assert.Equal(200, (await filling.SendAsync(500))!.Status);
            var waiting = held.SendAsync(400);
            // Long enough for the request to arrive; if it were answered now, the next line would say so.
            await Task.WhenAny(waiting, Task.Delay(1_500));
            Assert.False(waiting.IsCompleted, "The queue is full, yet the request was not held.");

            Assert.Equal(0, await server.TerminateAsync(StopLimit));
            var answer = await waiting;
            Assert.NotNull(answer);
            Assert.Equal(503, answer.Status);
        }

        await server.StartReadyAsync();
        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        var report = await reader.CheckAsync(ledger);
        Assert.Equal(1, report.Refused.Requests);
    }
}
