namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Akka.Ingest.Model;
using Xunit;
using Xunit.Abstractions;

/// <summary>Journal and store that do not belong together any more: deleted, or put back from a backup.</summary>
public sealed class FolderHistoryTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Requests = 40;
    private const int RequestSize = 250;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    private readonly BatchLedger _ledger = new();

    [Fact]
    public async Task A_fresh_spool_on_an_old_store_loses_nothing_and_doubles_nothing()
    {
        var server = await StartServerAsync();
        await IngestAsync(server);
        await StopAsync(server);
        Directory.Delete(Folder.Spool, recursive: true);

        await server.StartReadyAsync();
        var before = await SpoolIdsAsync(server);
        await IngestAsync(server);

        Output.WriteLine((await new StoreReader(server).CheckAsync(_ledger)).ToString());
        Assert.Equal(before.Count * 2, (await SpoolIdsAsync(server)).Count);
    }

    [Fact]
    public async Task A_restored_older_journal_goes_on_under_a_new_spool_id()
    {
        var server = await StartServerAsync();
        await IngestAsync(server);
        await StopAsync(server);
        var older = Folder.Backup(Folder.Spool);
        await server.StartReadyAsync();
        await IngestAsync(server);
        await StopAsync(server);
        ServerFolder.Restore(older, Folder.Spool);

        await server.StartReadyAsync();
        var before = await SpoolIdsAsync(server);
        await IngestAsync(server);

        Output.WriteLine((await new StoreReader(server).CheckAsync(_ledger)).ToString());
        Assert.Equal(before.Count * 2, (await SpoolIdsAsync(server)).Count);
    }

    /// <summary>The backup holds events that were not stored when it was made, and are when it is put back.</summary>
    [Fact]
    public async Task A_restored_journal_with_a_backlog_that_was_stored_meanwhile_doubles_nothing()
    {
        var server = await StartServerAsync();
        await IngestAsync(server);
        string older;
        using (new StoreLock(Folder))
        {
            using var client = new IngestClient(server.Url, _ledger);
            for (var n = 0; n < Requests; n++)
                await client.SendAsync(RequestSize);
            await server.KillAsync();
            older = Folder.Backup(Folder.Spool);
        }

        await server.StartReadyAsync();
        await IngestAsync(server);
        await StopAsync(server);
        ServerFolder.Restore(older, Folder.Spool);

        await server.StartReadyAsync();
        await IngestAsync(server);

        Output.WriteLine((await new StoreReader(server).CheckAsync(_ledger)).ToString());
    }

    [Fact]
    public async Task A_restored_older_store_continues_and_the_missing_range_is_reported()
    {
        var server = await StartServerAsync();
        await IngestAsync(server);
        await StopAsync(server);
        var older = Folder.Backup(Folder.Store);
        await server.StartReadyAsync();
        var lost = await IngestAsync(server);
        await StopAsync(server);
        ServerFolder.Restore(older, Folder.Store);

        await server.StartReadyAsync();
        await IngestAsync(server);

        // What the journal still holds is stored again, what it has trimmed is gone; both are allowed for these requests.
        lost.ForEach(_ledger.Forget);
        var report = await new StoreReader(server).CheckAsync(_ledger);
        Output.WriteLine(report.ToString());
        Assert.True(report.UnansweredAbsent.Events > 0, "The journal was not trimmed, so that nothing is missing: this run proves nothing.");
        Assert.Matches("events [0-9]+ (up )?to [0-9]+ .*neither", server.Output.Text);
    }

    /// <summary>Sends from one new client and waits until all is stored. Gives the numbers of all clients that sent anything.</summary>
    private async Task<List<int>> IngestAsync(ServerProcess server)
    {
        var first = _ledger.Clients + 1;
        using var client = new IngestClient(server.Url, _ledger);
        for (var n = 0; n < Requests; n++)
            await client.SendAsync(RequestSize);
        await new StoreReader(server).WaitDrainedAsync(_ledger);
        return [.. Enumerable.Range(first, _ledger.Clients - first + 1)];
    }

    private static async Task StopAsync(ServerProcess server) => Assert.Equal(0, await server.TerminateAsync(StopLimit));

    private static async Task<HashSet<Guid>> SpoolIdsAsync(ServerProcess server)
    {
        var ids = new HashSet<Guid>();
        await foreach (var found in new StoreReader(server).ReadNumberedAsync())
        {
            Assert.True(EventId.TryParse(found.Id, out var id));
            ids.Add(id.SpoolId);
        }

        return ids;
    }
}
