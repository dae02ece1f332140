namespace Akka.Ingest.Tests.Spool;

using Xunit;

/// <summary>Journals and stores that do not belong together: restored from a backup, or new.</summary>
public sealed class SpoolRestoreTests : IDisposable
{
    private readonly SpoolFolder _folder = new();
    private readonly SpoolFolder _backups = new();
    private readonly FakeStore _store = new();

    private string BackupFile => Path.Combine(_backups.Path, "backup.db");

    public void Dispose()
    {
        _folder.Dispose();
        _backups.Dispose();
    }

    [Fact]
    public async Task A_fresh_spool_on_an_old_store_loses_nothing()
    {
        await RunAsync(10, deliver: true);
        using var fresh = new SpoolFolder();
        await using var node = await SpoolNode.StartAsync(fresh);
        await node.AppendOkAsync(5);
        await node.DeliverAllAsync(_store, await node.ReconcileAsync(_store));
        Assert.Equal((15, 0), (_store.Events.Count, _store.Duplicates));
        Assert.Equal(2, _store.Events.Select(id => id.SpoolId).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_restored_older_journal_gets_a_new_id_for_what_it_accepted_since(int restartsWithoutStore)
    {
        await RunAsync(10, deliver: true);
        _folder.Backup(BackupFile);
        await RunAsync(20, deliver: true);
        Assert.Equal(30, _store.Events.Count);
        _folder.Restore(BackupFile);

        // The store is away while the restored journal accepts, through one or several restarts; then it is ahead, or behind.
        for (var i = 0; i < restartsWithoutStore; i++)
            await RunAsync(15, deliver: false);
        await RunAsync(1, deliver: true);

        Assert.Equal(30 + (15 * restartsWithoutStore) + 1, _store.Events.Count);
        Assert.Equal(0, _store.Duplicates);
        Assert.Equal(2, _store.Events.Select(id => id.SpoolId).Distinct().Count());

        await using var node = await SpoolNode.StartAsync(_folder);
        await node.ReconcileAsync(_store);
        var status = await node.StatusAsync();
        Assert.Equal((10, 0), (Assert.Single(status.EarlierSpoolIds).EndOrdinal, status.Backlog));
    }

    [Fact]
    public async Task A_restored_journal_with_a_backlog_skips_what_the_store_already_has()
    {
        await RunAsync(10, deliver: true);
        await RunAsync(5, deliver: false);
        _folder.Backup(BackupFile);
        await RunAsync(20, deliver: true);
        _folder.Restore(BackupFile);
        // Owned twice since the store was last seen: which of the two is the copy cannot be told, and nothing may be lost.
        await RunAsync(7, deliver: true);
        Assert.Equal(0, _store.Duplicates);
        Assert.True(_store.Events.Count >= 10 + 5 + 20 + 7);
    }

    [Fact]
    public async Task A_fresh_store_gets_what_the_journal_still_has_and_is_told_of_the_rest()
    {
        await RunAsync(10, deliver: true);
        var fresh = new FakeStore();
        await using var node = await SpoolNode.StartAsync(_folder);
        await node.AppendOkAsync(5);

        var resume = await node.ReconcileAsync(fresh);
        await node.DeliverAllAsync(fresh, resume);

        Assert.Equal(15, fresh.Events.Count + (resume.Missing is { } missing ? missing.To - missing.From : 0));
    }

    [Fact]
    public async Task A_restored_older_store_gets_again_what_the_journal_still_has()
    {
        await RunAsync(10, deliver: true);
        var older = _store.Copy();
        await RunAsync(20, deliver: true);
        await using var node = await SpoolNode.StartAsync(_folder);
        var resume = await node.ReconcileAsync(older);
        Assert.Null(resume.Missing);
        Assert.Equal(20, (await node.StatusAsync()).Backlog);
        await node.DeliverAllAsync(older, resume);
        Assert.Equal((30, 0), (older.Events.Count, older.Duplicates));
    }

    [Fact]
    public async Task A_store_behind_the_trim_point_is_told_what_is_missing()
    {
        await RunAsync(10, deliver: true);
        var older = _store.Copy();
        await RunAsync(20, deliver: true, stop: true);
        await RunAsync(5, deliver: false);
        await using var node = await SpoolNode.StartAsync(_folder);
        var resume = await node.ReconcileAsync(older);
        Assert.Equal((10L, 30L), resume.Missing);
        Assert.Equal(30, resume.From.Ordinal);
        await node.DeliverAllAsync(older, resume);
        Assert.Equal((15, 0), (older.Events.Count, older.Duplicates));
    }

    [Fact]
    public async Task Another_history_at_the_same_place_is_told_by_the_checksum()
    {
        await RunAsync(10, deliver: true);
        await RunAsync(10, deliver: true);
        await using var node = await SpoolNode.StartAsync(_folder);
        var spoolId = (await node.StatusAsync()).SpoolId;
        var stored = _store.Position(spoolId)!.Value;
        _store.SetPosition(spoolId, stored with { EntryChecksum = stored.EntryChecksum + 1 });
        var resume = await node.ReconcileAsync(_store);
        Assert.NotEqual(spoolId, resume.SpoolId);
        await node.AppendOkAsync(3);
        await node.DeliverAllAsync(_store, resume);
        Assert.Equal(0, _store.Duplicates);
        Assert.True(_store.Events.Count >= 23);
    }

    /// <summary>A process' life: accept, deliver if the store is there, die (or stop, which trims).</summary>
    private async Task RunAsync(int events, bool deliver, bool stop = false)
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        await node.AppendOkAsync(events);
        if (deliver)
            await node.DeliverAllAsync(_store, await node.ReconcileAsync(_store));
        await node.StatusAsync();
        if (stop)
            await node.StopAsync();
        else
            await node.KillAsync();
    }
}
