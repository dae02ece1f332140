namespace Akka.Ingest.Tests.Spool;

using Akka.Ingest.Spool;
using Xunit;

public sealed class SpoolDeliveryTests : IDisposable
{
    private readonly SpoolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_handed_out_before_store_and_journal_were_compared()
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        await node.AppendOkAsync(1);
        Assert.IsType<SpoolProtocol.ReconcileFirst>(await node.PullAsync(0));
        await node.ReconcileAsync(new FakeStore());
        Assert.IsType<SpoolProtocol.Entries>(await node.PullAsync(1));
    }

    [Fact]
    public async Task A_pull_at_the_head_waits_for_the_next_entry()
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        await node.ReconcileAsync(new FakeStore());
        var pull = node.PullAsync(0);
        await node.StatusAsync();
        Assert.False(pull.IsCompleted);
        var appended = await node.AppendOkAsync(5);
        var entry = Assert.Single(Assert.IsType<SpoolProtocol.Entries>(await pull).Items);
        Assert.Equal(appended.Receipt.FirstOrdinal, entry.Entry.FirstOrdinal);
        Assert.Equal(5, entry.Entry.EventCount);
    }

    [Fact]
    public async Task A_newer_pull_takes_the_place_of_one_that_waits()
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        await node.ReconcileAsync(new FakeStore());
        var older = node.PullAsync(0);
        var newer = node.PullAsync(0);
        await node.StatusAsync();
        await node.AppendOkAsync(1);
        Assert.IsType<SpoolProtocol.Entries>(await newer);
        Assert.False(older.IsCompleted);
    }

    [Theory]
    [InlineData(1L)]
    [InlineData(2_000L)]
    [InlineData(1_000_000L)]
    public async Task A_backlog_that_memory_does_not_hold_is_read_from_the_journal(long maxMemoryBytes)
    {
        await using var node = await SpoolNode.StartAsync(_folder, settings => settings with { MaxMemoryBytes = maxMemoryBytes });
        var store = new FakeStore();
        var resume = await node.ReconcileAsync(store);
        for (var i = 0; i < 40; i++)
            await node.AppendOkAsync(i + 1);
        await node.DeliverAllAsync(store, resume);
        Assert.Equal(820, store.Events.Count);
        Assert.Equal(0, store.Duplicates);
        Assert.Equal(0, (await node.StatusAsync()).Backlog);

        // At the head memory takes over again.
        var head = (await node.StatusAsync()).HeadSequence;
        await node.AppendOkAsync(1);
        Assert.IsType<SpoolProtocol.Entries>(await node.PullAsync(head));
    }

    [Fact]
    public async Task Confirm_moves_the_checkpoint_and_the_gate()
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        var store = new FakeStore();
        var resume = await node.ReconcileAsync(store);
        await node.AppendOkAsync(10);
        Assert.Equal(10, node.Gate.Used);
        await node.DeliverAllAsync(store, resume);
        var status = await node.StatusAsync();
        Assert.Equal((10, 0, null), (status.Stored.Ordinal, status.Backlog, status.OldestUnstoredAt));
        Assert.Equal(0, node.Gate.Used);
    }

    [Fact]
    public async Task A_corrupt_entry_is_set_aside_and_delivery_goes_on()
    {
        await using (var node = await SpoolNode.StartAsync(_folder))
        {
            for (var i = 0; i < 3; i++)
                await node.AppendOkAsync(10);
        }

        Damage("(SELECT MIN(sequence_number) + 1 FROM journal WHERE manifest='entry')");
        await using var again = await SpoolNode.StartAsync(_folder);
        var store = new FakeStore();
        await again.DeliverAllAsync(store, await again.ReconcileAsync(store));

        Assert.Equal(20, store.Events.Count);
        Assert.DoesNotContain(store.Events, id => id.Ordinal is >= 10 and < 20);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.Path, "corrupt")).Length);
        Assert.Equal(0, (await again.StatusAsync()).Backlog);
    }

    [Fact]
    public async Task After_a_corrupt_last_entry_no_ordinal_is_given_twice_and_the_backlog_ends()
    {
        await using (var node = await SpoolNode.StartAsync(_folder))
        {
            await node.AppendOkAsync(10);
            await node.AppendOkAsync(10);
        }

        Damage("(SELECT MAX(sequence_number) FROM journal WHERE manifest='entry')");
        await using var again = await SpoolNode.StartAsync(_folder);
        Assert.Equal(10, (await again.StatusAsync()).Backlog);
        var appended = await again.AppendOkAsync(5);
        Assert.True(appended.Receipt.FirstOrdinal >= 20);
        var store = new FakeStore();
        await again.DeliverAllAsync(store, await again.ReconcileAsync(store));
        Assert.Equal(15, store.Events.Count);
        Assert.Equal(0, (await again.StatusAsync()).Backlog);
    }

    [Fact]
    public async Task A_corrupt_snapshot_does_not_stop_the_partition()
    {
        await using (var node = await SpoolNode.StartAsync(_folder))
        {
            await node.AppendOkAsync(10);
            await node.StopAsync();
        }

        _folder.Execute("UPDATE snapshot SET snapshot = zeroblob(20)");
        await using var again = await SpoolNode.StartAsync(_folder);
        var appended = await again.AppendOkAsync(5);
        Assert.True(appended.Receipt.FirstOrdinal >= 10);
        var store = new FakeStore();
        await again.DeliverAllAsync(store, await again.ReconcileAsync(store));
        Assert.Equal((15, 0), (store.Events.Count, store.Duplicates));
    }

    private void Damage(string sequence) => _folder.Execute(
        $"UPDATE journal SET message = CAST(substr(message, 1, 40) || zeroblob(4) || substr(message, 45) AS BLOB) WHERE persistence_id='spool-0' AND sequence_number = {sequence}");
}
