namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

public sealed class TrimAndKillTests(ITestOutputHelper output) : EndToEndTest(output)
{
    /// <summary>A journal that is empty but for its last rows must not begin to count anew.</summary>
    [Fact]
    public async Task After_everything_was_trimmed_a_kill_and_a_restart_continue_the_numbers()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync();
        for (var round = 0; round < 3; round++)
        {
            using var client = new IngestClient(server.Url, ledger);
            for (var n = 0; n < 30; n++)
                await client.SendAsync(200);
            await new StoreReader(server).WaitDrainedAsync(ledger);
            // A graceful stop brings checkpoint and trim to the end; the kill then meets a trimmed journal.
            Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
            await server.StartReadyAsync();
            await server.KillAsync();
            await server.StartReadyAsync();
        }

        Output.WriteLine((await new StoreReader(server).CheckAsync(ledger)).ToString());
    }
}
