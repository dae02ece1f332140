namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Xunit;

public sealed class SpoolRestartTests : IDisposable
{
    private readonly SpoolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trim_all_then_kill_then_restart_goes_on_with_the_next_sequence_and_ordinal()
    {
        var store = new FakeStore();
        long head;
        Guid spoolId;
        await using (var node = await SpoolNode.StartAsync(_folder, Eager))
        {
            var resume = await node.ReconcileAsync(store);
            spoolId = resume.SpoolId;
            for (var i = 0; i < 5; i++)
                await node.AppendOkAsync(10);
            await node.DeliverAllAsync(store, resume);
            // The last row stays: it keeps the sequence numbers going.
            await UntilAsync(() => _folder.Scalar<long>("SELECT COUNT(*) FROM journal WHERE manifest='entry'") <= 1);
            head = (await node.StatusAsync()).HeadSequence;
            await node.KillAsync();
        }

        await using var again = await SpoolNode.StartAsync(_folder, Eager);
        var status = await again.StatusAsync();
        Assert.Equal((spoolId, 50L, 0L), (status.SpoolId, status.HeadOrdinal, status.Backlog));
        Assert.Equal(head + 1, status.HeadSequence);
        Assert.Equal(50, (await again.AppendOkAsync(1)).Receipt.FirstOrdinal);
        await again.DeliverAllAsync(store, await again.ReconcileAsync(store));
        Assert.Equal((51, 0), (store.Events.Count, store.Duplicates));
    }

    [Fact]
    public async Task A_crash_between_store_and_checkpoint_repeats_nothing()
    {
        var store = new FakeStore();
        await using (var node = await SpoolNode.StartAsync(_folder))
        {
            var resume = await node.ReconcileAsync(store);
            for (var i = 0; i < 6; i++)
                await node.AppendOkAsync(10);
            await node.DeliverAllAsync(store, resume, limit: 4, confirm: false);
            await node.KillAsync();
        }

        Assert.Equal(40, store.Events.Count);
        await using var again = await SpoolNode.StartAsync(_folder);
        var resumed = await again.ReconcileAsync(store);
        Assert.Equal(40, resumed.From.Ordinal);
        await again.DeliverAllAsync(store, resumed);
        Assert.Equal((60, 0), (store.Events.Count, store.Duplicates));
        Assert.Single(store.Events.Select(id => id.SpoolId).Distinct());
    }

    [Fact]
    public async Task Recovery_replays_only_what_came_after_the_snapshot()
    {
        await using (var node = await SpoolNode.StartAsync(_folder))
        {
            for (var i = 0; i < 30; i++)
                await node.AppendOkAsync(10);
            await node.StopAsync();
        }

        var faults = new JournalFaults();
        await using var again = await SpoolNode.StartAsync(_folder, hocon: faults.Hocon);
        Assert.Equal(0, faults.Replayed);
        // The backlog is still there, all of it.
        Assert.Equal(300, (await again.StatusAsync()).Backlog);
        var store = new FakeStore();
        await again.DeliverAllAsync(store, await again.ReconcileAsync(store));
        Assert.Equal((300, 0), (store.Events.Count, store.Duplicates));
    }

    /// <summary>No incarnation lives until its first regular snapshot, and each is killed.</summary>
    [Fact]
    public async Task A_spool_that_is_killed_again_and_again_starts_soon_and_trims()
    {
        const int Entries = 300;
        var store = new FakeStore();
        for (var kill = 0; kill < 6; kill++)
        {
            await using var node = await SpoolNode.StartAsync(_folder);
            await node.DeliverAllAsync(store, await node.ReconcileAsync(store));
            for (var i = 0; i < Entries; i++)
                await node.AppendOkAsync(1);
            // The start's snapshots are saved, and what they allow is trimmed.
            await UntilAsync(() => _folder.Scalar<long>("SELECT COUNT(*) FROM journal WHERE manifest='entry'") <= (2 * Entries) + 1);
            await node.KillAsync();
        }

        var faults = new JournalFaults();
        await using var last = await SpoolNode.StartAsync(_folder, hocon: faults.Hocon);
        Assert.InRange(faults.Replayed, 1, Entries + 20);
        await last.DeliverAllAsync(store, await last.ReconcileAsync(store));
        Assert.Equal((6 * Entries, 0), (store.Events.Count, store.Duplicates));
    }

    [Fact]
    public async Task A_partition_that_moves_away_and_back_keeps_every_entry_and_fences_the_former_owner()
    {
        await using var a = await SpoolNode.StartAsync(_folder);
        await a.AppendOkAsync(1);
        await using var b = await SpoolNode.StartAsync(_folder);
        await b.AppendOkAsync(2);

        // A still believes that it owns the partition; the sequence number is taken.
        using var block = TestEvents.Block(4);
        Assert.IsType<SpoolProtocol.AppendRejected>(await a.AppendAsync(block));
        await b.KillAsync();
        await UntilAsync(async () => await a.AppendAsync(block) is SpoolProtocol.Appended);
        await a.KillAsync();

        await using var c = await SpoolNode.StartAsync(_folder);
        Assert.Equal(7, (await c.StatusAsync()).HeadOrdinal);
        var store = new FakeStore();
        await c.DeliverAllAsync(store, await c.ReconcileAsync(store));
        Assert.Equal((7, 0), (store.Events.Count, store.Duplicates));
        var entries = await c.Reader.ReadAsync("spool-0", 1, 100, CancellationToken.None);
        Assert.Equal([1u, 2u, 3u], entries.Select(entry => entry.Entry.Epoch));
    }

    [Fact]
    public async Task Each_incarnation_takes_ownership_before_it_serves()
    {
        for (var epoch = 1u; epoch <= 3; epoch++)
        {
            await using var node = await SpoolNode.StartAsync(_folder);
            await node.AppendOkAsync(1);
            await node.KillAsync();
        }

        Assert.Equal(
            "created owned entry owned entry owned entry",
            _folder.Scalar<string>("SELECT group_concat(manifest, ' ') FROM (SELECT manifest FROM journal ORDER BY ordering)"));
    }

    [Fact]
    public async Task The_journal_file_stays_bounded_under_steady_load()
    {
        await using var node = await SpoolNode.StartAsync(_folder, settings => Eager(settings) with { SnapshotBytes = 2 * 1024 * 1024 });
        var store = new FakeStore();
        var resume = await node.ReconcileAsync(store);
        var sizes = new List<long>();
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < 17; i++)
            {
                using var block = Noise(256 * 1024);
                var appended = Assert.IsType<SpoolProtocol.Appended>(await node.AppendAsync(block));
                var head = (await node.StatusAsync()).HeadSequence;
                node.Spool.Tell(new SpoolProtocol.Confirm(0, resume.SpoolId, new StoredPosition(
                    new SpoolOffset(head, 1), appended.Receipt.FirstOrdinal + 1, 1)));
            }

            await UntilAsync(() => _folder.Scalar<long>("SELECT COUNT(*) FROM journal") < 30);
            sizes.Add(_folder.Bytes);
        }

        // 50 MiB went through, more than the log takes; what is used is what one snapshot's worth needs.
        Assert.True(sizes.Max() < SpoolJournal.WalBytes + (16 * 1024 * 1024), string.Join(' ', sizes));
        Assert.True(new FileInfo(_folder.DatabaseFile).Length < 16 * 1024 * 1024, string.Join(' ', sizes));
    }

    private static SpoolActorSettings Eager(SpoolActorSettings settings) => settings with { SnapshotInterval = TimeSpan.FromMilliseconds(50) };

    /// <summary>One event that does not compress.</summary>
    private static EventBlock Noise(int size)
    {
        using var builder = new EventBlockBuilder();
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        builder.Records.Begin(TestEvents.ReceivedAt.Ticks, 3, Severity.Information);
        builder.Records.Append(EventField.Message, bytes);
        builder.Records.End();
        builder.EventWritten();
        return builder.Build();
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(20, patience.Token);
    }
}
