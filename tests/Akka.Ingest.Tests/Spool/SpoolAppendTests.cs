namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Xunit;

public sealed class SpoolAppendTests : IDisposable
{
    private readonly SpoolFolder _folder = new();
    private readonly JournalFaults _faults = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Events_are_journaled_and_handed_to_delivery_in_order()
    {
        await using var node = await SpoolNode.StartAsync(_folder);
        var first = await node.AppendOkAsync(3);
        var second = await node.AppendOkAsync(2);

        Assert.Equal((0, 3), (first.Receipt.FirstOrdinal, first.Receipt.Accepted));
        Assert.Equal((3, 2), (second.Receipt.FirstOrdinal, second.Receipt.Accepted));
        var store = new FakeStore();
        await node.DeliverAllAsync(store, await node.ReconcileAsync(store));
        Assert.Equal(5, store.Events.Count);
        Assert.Equal(0, store.Duplicates);
    }

    [Fact]
    public async Task Append_is_acknowledged_only_after_the_journal_commits()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        using var held = new ManualResetEventSlim();
        _faults.BeforeWrite = held.Wait;
        using var block = TestEvents.Block(1);
        var append = node.AppendAsync(block);

        // The partition has handled the append when it answers what came after it.
        await node.StatusAsync();
        await node.StatusAsync();
        Assert.False(append.IsCompleted);
        Assert.Equal(0L, Entries());

        held.Set();
        Assert.IsType<SpoolProtocol.Appended>(await append);
        Assert.Equal(1L, Entries());
    }

    [Fact]
    public async Task Append_waits_for_the_flush_and_not_only_for_the_statement()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _faults.AfterWrite = () =>
        {
            written.TrySetResult();
            return release.Task;
        };
        using var block = TestEvents.Block(1);
        var append = node.AppendAsync(block);
        await written.Task;
        await node.StatusAsync();
        Assert.False(append.IsCompleted);
        release.SetResult();
        Assert.IsType<SpoolProtocol.Appended>(await append);
    }

    [Fact]
    public async Task Requests_that_come_during_a_write_share_the_next_entry()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        var before = _faults.Writes;
        using var held = new ManualResetEventSlim();
        _faults.BeforeWrite = held.Wait;
        var blocks = Enumerable.Range(0, 11).Select(n => TestEvents.Block(n + 1)).ToList();
        var appends = blocks.ConvertAll(block => node.AppendAsync(block));
        await node.StatusAsync();
        held.Set();
        var receipts = (await Task.WhenAll(appends)).Select(answer => Assert.IsType<SpoolProtocol.Appended>(answer).Receipt).ToList();

        Assert.Equal(2, _faults.Writes - before);
        Assert.Equal(receipts.Select((_, n) => (long)n * (n + 1) / 2), receipts.Select(receipt => receipt.FirstOrdinal));
        var entries = await node.Reader.ReadAsync("spool-0", 1, 100, CancellationToken.None);
        Assert.Equal([1, 10], entries.Select(entry => entry.Entry.Requests.Count));
        // Ten small requests became one compressed chunk.
        var header = ChunkCodec.ReadHeader(entries[1].Entry.Chunks.Span);
        Assert.Equal((ChunkMethod.Lz4, 65), (header.Method, header.EventCount));
        Assert.Equal(ChunkCodec.HeaderLength + header.StoredLength, entries[1].Entry.Chunks.Length);
        blocks.ForEach(block => block.Dispose());
    }

    [Fact]
    public async Task A_group_is_closed_at_the_size_of_an_entry()
    {
        await using var node = await SpoolNode.StartAsync(_folder, settings => settings with { MaxEntryBytes = 4_096 }, _faults.Hocon);
        using var held = new ManualResetEventSlim();
        _faults.BeforeWrite = held.Wait;
        var blocks = Enumerable.Range(0, 9).Select(_ => TestEvents.Block(1, padding: 1_500)).ToList();
        var appends = blocks.ConvertAll(block => node.AppendAsync(block));
        await node.StatusAsync();
        held.Set();
        await Task.WhenAll(appends);
        var entries = await node.Reader.ReadAsync("spool-0", 1, 100, CancellationToken.None);
        Assert.Equal([1, 2, 2, 2, 2], entries.Select(entry => entry.Entry.Requests.Count));
        blocks.ForEach(block => block.Dispose());
    }

    [Fact]
    public async Task A_failed_write_is_outcome_unknown_and_what_waits_was_not_written()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        using var held = new ManualResetEventSlim();
        var isFirst = true;
        _faults.BeforeWrite = () =>
        {
            held.Wait();
            if (isFirst)
                throw new IOException("made up");
        };
        using var block = TestEvents.Block(1);
        var writing = node.AppendAsync(block);
        await node.StatusAsync();
        var waiting = node.AppendAsync(block);
        await node.StatusAsync();
        held.Set();

        Assert.Equal(IngestErrorKind.OutcomeUnknown, Assert.IsType<SpoolProtocol.AppendRejected>(await writing).Error.Kind);
        Assert.Equal(IngestErrorKind.JournalUnavailable, Assert.IsType<SpoolProtocol.AppendRejected>(await waiting).Error.Kind);

        isFirst = false;
        Assert.Equal(0, (await AppendUntilTakenAsync(node)).Receipt.FirstOrdinal);
    }

    [Fact]
    public async Task A_write_that_committed_but_was_reported_lost_is_there_once_after_the_restart()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        var identity = new IdempotencyIdentity(7, 8);
        _faults.AfterWrite = () => throw new IOException("the answer was lost");
        using var block = TestEvents.Block(4);
        var lost = Assert.IsType<SpoolProtocol.AppendRejected>(await node.AppendAsync(block, identity));
        Assert.Equal(IngestErrorKind.OutcomeUnknown, lost.Error.Kind);
        _faults.AfterWrite = null;

        var repeat = await AppendUntilTakenAsync(node, identity, 4);
        Assert.True(repeat.Replayed);
        Assert.Equal(4, (await node.StatusAsync()).HeadOrdinal);
    }

    [Fact]
    public async Task A_write_that_timed_out_on_a_locked_file_is_there_at_most_once()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: "akka.persistence.journal.sql.circuit-breaker.call-timeout = 200ms");
        var identity = new IdempotencyIdentity(7, 8);
        using var block = TestEvents.Block(4);
        using (var other = _folder.Open())
        {
            using var transaction = other.BeginTransaction();
            var refused = Assert.IsType<SpoolProtocol.AppendRejected>(await node.AppendAsync(block, identity));
            Assert.Equal(IngestErrorKind.OutcomeUnknown, refused.Error.Kind);
        }

        await AppendUntilTakenAsync(node, identity, 4);
        Assert.Equal(4, (await node.StatusAsync()).HeadOrdinal);
        Assert.Equal(1L, Entries());
    }

    [Fact]
    public async Task Appends_are_refused_while_the_journal_is_away()
    {
        _faults.BeforeWrite = () => throw new IOException("the disk is gone");
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon, waitUntilReady: false);
        using var block = TestEvents.Block(1);
        var refused = Assert.IsType<SpoolProtocol.AppendRejected>(await node.AppendAsync(block));
        Assert.Equal(IngestErrorKind.JournalUnavailable, refused.Error.Kind);
        Assert.NotNull(refused.Error.RetryAfter);

        _faults.BeforeWrite = null;
        Assert.False((await AppendUntilTakenAsync(node)).Replayed);
    }

    [Fact]
    public async Task What_lay_in_the_mailbox_of_a_partition_that_failed_is_answered()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        var partition = await node.System.ActorSelection(node.Spool.Path / "spool-0").ResolveOne(TimeSpan.FromSeconds(5));
        await partition.GracefulStop(TimeSpan.FromSeconds(10), PoisonPill.Instance);
        // To the stopped one itself: what came too late for it, as the parent had passed it on.
        using var block = TestEvents.Block(1);
        var answer = await partition.Ask<object>(
            new SpoolProtocol.Append(0, block, TestEvents.ReceivedAt, "key", null), TimeSpan.FromSeconds(10));
        Assert.Equal(IngestErrorKind.JournalUnavailable, Assert.IsType<SpoolProtocol.AppendRejected>(answer).Error.Kind);
    }

    [Fact]
    public async Task A_request_given_up_by_its_sender_is_never_written()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        using var held = new ManualResetEventSlim();
        _faults.BeforeWrite = held.Wait;
        using var first = TestEvents.Block(1);
        var writing = node.AppendAsync(first);
        var late = new SpoolProtocol.Append(0, TestEvents.Block(1), TestEvents.ReceivedAt, "key", null);
        var answer = node.Spool.Ask<object>(late, TimeSpan.FromSeconds(10));
        await node.StatusAsync();
        Assert.True(late.TryGiveUp());
        late.Block.Dispose();
        held.Set();

        Assert.IsType<SpoolProtocol.Appended>(await writing);
        Assert.IsType<SpoolProtocol.AppendRejected>(await answer);
        Assert.Equal(1, (await node.StatusAsync()).HeadOrdinal);
    }

    [Fact]
    public async Task A_stop_answers_what_is_written_refuses_what_waits_and_saves_the_state()
    {
        await using var node = await SpoolNode.StartAsync(_folder, hocon: _faults.Hocon);
        using var held = new ManualResetEventSlim();
        _faults.BeforeWrite = held.Wait;
        using var block = TestEvents.Block(1);
        var writing = node.AppendAsync(block);
        await node.StatusAsync();
        var waiting = node.AppendAsync(block);
        await node.StatusAsync();
        var stopped = node.Spool.GracefulStop(TimeSpan.FromSeconds(10), SpoolProtocol.StopPartition.Instance);
        Assert.Equal(IngestErrorKind.Stopping, Assert.IsType<SpoolProtocol.AppendRejected>(await waiting).Error.Kind);
        held.Set();
        Assert.IsType<SpoolProtocol.Appended>(await writing);
        Assert.True(await stopped);
        Assert.Equal(1L, _folder.Scalar<long>("SELECT COUNT(*) FROM snapshot"));
    }

    private long Entries() => _folder.Scalar<long>("SELECT COUNT(*) FROM journal WHERE manifest='entry'");

    private static async Task<SpoolProtocol.Appended> AppendUntilTakenAsync(SpoolNode node, IdempotencyIdentity? identity = null, int events = 1)
    {
        using var block = TestEvents.Block(events);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await node.AppendAsync(block, identity) is SpoolProtocol.Appended appended)
                return appended;
            await Task.Delay(20, patience.Token);
        }
    }
}
