namespace Akka.Ingest.EndToEnd.Tests.Outages;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Akka.Ingest.Testing;
using Xunit;
using Xunit.Abstractions;

public sealed class DatabaseOutageTests(ITestOutputHelper output) : EndToEndTest(output)
{
    /// <summary>The database server dies again and again (immediate shutdown: as after a power cut it recovers from its log) while clients send.</summary>
    [Fact]
    public async Task While_the_database_is_down_events_are_acknowledged_and_afterwards_stored_exactly_once()
    {
        await using var database = await PrivatePostgres.StartAsync(isDurable: true);
        var ledger = new BatchLedger();
        var server = await StartServerAsync(new ServerSettings
        {
            ["Storage__Provider"] = "PostgreSql",
            ["Storage__ConnectionString"] = await database.NewDatabaseAsync(),
        });
        using var client = new IngestClient(server.Url, ledger);
        for (var outage = 0; outage < 3; outage++)
        {
            using var stop = new CancellationTokenSource();
            var sending = client.RunAsync(TimeSpan.FromMilliseconds(5), stop.Token);
            await Task.Delay(300 + (outage * 150));
            await database.KillAsync();
            await Task.Delay(500);
            await stop.CancelAsync();
            await sending;
            Assert.Equal(200, (await client.SendAsync(500))!.Status);
            await database.RestartAsync();
        }

        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        Output.WriteLine((await reader.CheckAsync(ledger)).ToString());
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_server_whose_database_is_down_at_the_start_accepts_and_stores_later()
    {
        await using var database = await PrivatePostgres.StartAsync();
        var connection = await database.NewDatabaseAsync();
        await database.KillAsync();
        var ledger = new BatchLedger();
        var server = NewServer(new ServerSettings { ["Storage__Provider"] = "PostgreSql", ["Storage__ConnectionString"] = connection });
        server.Start();
        using var client = new IngestClient(server.Url, ledger);
        Assert.Equal(200, (await client.SendAsync(500))!.Status);

        await database.RestartAsync();
        await server.WaitReadyAsync();
        var reader = new StoreReader(server);
        await reader.WaitDrainedAsync(ledger);
        Output.WriteLine((await reader.CheckAsync(ledger)).ToString());
    }
}
