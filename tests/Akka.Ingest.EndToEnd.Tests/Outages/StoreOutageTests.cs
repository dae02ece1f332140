namespace Akka.Ingest.EndToEnd.Tests.Outages;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

public sealed class StoreOutageTests(ITestOutputHelper output) : EndToEndTest(output)
{
    [Fact]
    public async Task While_the_store_is_locked_events_are_acknowledged_and_afterwards_stored_exactly_once()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync();
        using var client = new IngestClient(server.Url, ledger);
        var reader = new StoreReader(server);
        for (var n = 0; n < 20; n++)
            await client.SendAsync(200);
        await reader.WaitDrainedAsync(ledger);
        var before = await reader.CountAsync();

        using (new StoreLock(Folder))
        {
            for (var n = 0; n < 60; n++)
                Assert.Equal(200, (await client.SendAsync(500))!.Status);
            Assert.Equal(before, await reader.CountAsync());
        }

        await reader.WaitDrainedAsync(ledger);
        Output.WriteLine((await reader.CheckAsync(ledger)).ToString());
    }
}
