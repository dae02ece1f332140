namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Akka.TestKit.Xunit2;
using Xunit;
using static DeliveryHarness;

public sealed class DeliveryGraphTests() : TestKit("akka.loglevel = OFF")
{
    private DeliveryHarness Harness(params int[] sizes) => new(Sys, new ScriptedSpool.Script(TestEntries.Entries(sizes)));

    [Fact]
    public async Task Every_event_is_stored_once_in_order_and_confirmed()
    {
        using var harness = Harness(3, 25, 1, 7).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Enumerable.Range(0, 36).Select(i => (long)i), harness.StoredOrdinals);
        await UntilAsync(() => harness.Spool.Confirmed.Count > 0 && harness.Spool.Confirmed[^1].Position == harness.Position);
        Assert.All(harness.Store.Offered, offered => Assert.InRange(offered.Ordinals.Count, 1, 10));
    }

    [Fact]
    public async Task A_stored_event_keeps_its_bytes_receipt_time_and_key()
    {
        using var harness = Harness(2, 3).Start();
        await harness.UntilSettledAsync();
        var stored = harness.Inner.Events(harness.Spool.SpoolId, Partition);
        Assert.Equal(["o0-0", "o0-1", "o2-0", "o2-1", "o2-2"], stored.Select(Message));
        Assert.Equal(TestEvents.ReceivedAt.AddSeconds(2), stored[3].ReceivedAt);
        Assert.All(stored, item => Assert.Equal(TestEntries.ApiKeyId, item.ApiKeyId));

        static string Message(StoredEvent item) =>
            System.Text.Encoding.UTF8.GetString(EventRecord.Read(item.Record.Span)[EventField.Message]);
    }

    [Fact]
    public async Task A_write_may_end_inside_an_entry_and_a_restart_goes_on_there()
    {
        using var harness = Harness(25);
        harness.Store.Plan(StoreFault.None, StoreFault.CrashBeforeCommit);
        harness.Start();
        await harness.Store.Crashed;
        Assert.Equal(new SpoolOffset(1, 10), harness.Position!.Value.Offset);
        await harness.CrashAndRestartAsync();
        await harness.UntilSettledAsync();
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), harness.StoredOrdinals);
    }

    [Fact]
    public async Task A_batch_is_cut_at_its_limit_of_bytes()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script([TestEntries.Entry(1, 0, [20], padding: 300)]))
        {
            Settings = FastSettings with { BatchSize = 1000, MaxBatchBytes = 1000 },
        }.Start();
        await harness.UntilSettledAsync();
        Assert.All(harness.Store.Offered, offered => Assert.InRange(offered.RawBytes, 1, 1000));
        Assert.Equal(20, harness.StoredOrdinals.Count);
    }

    [Fact]
    public async Task An_event_larger_than_a_batch_goes_alone()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script([TestEntries.Entry(1, 0, [3], padding: 3000)]))
        {
            Settings = FastSettings with { MaxBatchBytes = 1000 },
        }.Start();
        await harness.UntilSettledAsync();
        Assert.All(harness.Store.Offered, offered => Assert.Single(offered.Ordinals));
    }

    [Fact]
    public async Task A_backlog_is_read_from_the_journal_a_few_entries_at_a_time()
    {
        var script = new ScriptedSpool.Script(TestEntries.Entries(Enumerable.Repeat(4, 40).ToArray())) { MemoryFromSequence = 31 };
        using var harness = new DeliveryHarness(Sys, script).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Enumerable.Range(0, 160).Select(i => (long)i), harness.StoredOrdinals);
        Assert.All(script.JournalReads, read => Assert.InRange(read.To - read.From + 1, 1, FastSettings.JournalReadEntries));
        Assert.Equal(30, script.JournalReads.Max(read => read.To));
    }

    [Fact]
    public async Task Sequence_numbers_without_an_entry_are_passed()
    {
        var entries = new[] { TestEntries.Entry(2, 0, [3]), TestEntries.Entry(40, 3, [3]), TestEntries.Entry(41, 6, [1]) };
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(entries) { MemoryFromSequence = 41 }).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(7, harness.StoredOrdinals.Count);
    }

    [Fact]
    public async Task Ordinals_the_journal_lost_are_passed_and_nothing_else()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script([TestEntries.Entry(1, 0, [3]), TestEntries.Entry(3, 8, [3])])).Start();
        await harness.UntilSettledAsync();
        Assert.Equal([0, 1, 2, 8, 9, 10], harness.StoredOrdinals);
    }

    [Fact]
    public async Task A_spool_that_forgot_the_question_is_asked_again()
    {
        var script = new ScriptedSpool.Script(TestEntries.Entries(5)) { SilentPulls = 1 };
        using var harness = new DeliveryHarness(Sys, script) { Settings = FastSettings with { PullTimeout = TimeSpan.FromMilliseconds(50) } }.Start();
        await harness.UntilSettledAsync();
        Assert.True(script.Pulls >= 2);
    }

    [Fact]
    public async Task A_spool_that_was_restarted_is_told_again_where_the_store_stands()
    {
        var script = new ScriptedSpool.Script(TestEntries.Entries(5, 5, 5)) { RestartBeforePull = 3, EntriesPerPull = 1 };
        using var harness = new DeliveryHarness(Sys, script).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(2, script.Reconciled.Count);
        Assert.Equal(10, script.Reconciled[1].Stored!.Value.Ordinal);
        Assert.Equal(15, harness.StoredOrdinals.Count);
        Assert.Equal(0, harness.Status.Current.Restarts);
    }

    [Fact]
    public async Task A_new_spool_id_starts_where_the_spool_says()
    {
        var entries = TestEntries.Entries(5, 5);
        var old = Guid.NewGuid();
        var script = new ScriptedSpool.Script(entries) { SpoolId = old };
        var renewed = Guid.NewGuid();
        var from = TestEntries.EndOf(entries[0]);
        script.OnReconcile = reconcile => new SpoolProtocol.Resume(renewed, from, reconcile.SpoolId == renewed ? (0, 5) : null);
        using var harness = new DeliveryHarness(Sys, script);
        harness.Inner.SetPosition(old, Partition, new StoredPosition(new SpoolOffset(70, 1), 900, 1));
        harness.Start();
        await UntilAsync(() => harness.Inner.Position(renewed, Partition) == TestEntries.EndOf(entries[1]));
        Assert.Equal([5L, 6, 7, 8, 9], harness.Inner.Events(renewed, Partition).Select(stored => stored.Id.Ordinal));
        Assert.Empty(harness.Inner.Events(old, Partition));
        Assert.All(script.Confirmed, confirm => Assert.Equal(renewed, confirm.SpoolId));
        Assert.Null(script.Reconciled[1].Stored);
    }

    [Fact]
    public async Task Stop_finishes_the_write_under_way_and_confirms_it()
    {
        using var harness = Harness(25);
        var underWay = new TaskCompletionSource();
        var mayGoOn = new TaskCompletionSource();
        harness.Store.BeforeAppend = async _ =>
        {
            underWay.TrySetResult();
            await mayGoOn.Task;
        };
        harness.Start();
        await underWay.Task;
        var stopped = harness.StopAsync();
        Assert.False(stopped.IsCompleted);
        mayGoOn.SetResult();
        Assert.True(await stopped);
        Assert.True(harness.StoredOrdinals.Count >= 10);
        Assert.Equal(DeliveryState.Stopped, harness.Status.Current.State);
        await UntilAsync(() => harness.Spool.Confirmed.Count > 0 && harness.Spool.Confirmed[^1].Position == harness.Position);
    }

    [Fact]
    public async Task Stop_does_not_wait_for_an_outage_to_end()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries(5)))
        {
            Settings = FastSettings with { RetryDelay = TimeSpan.FromHours(1), MaxRetryDelay = TimeSpan.FromHours(1) },
        };
        harness.Store.Plan(StoreFault.Transient, StoreFault.Transient, StoreFault.Transient);
        harness.Start();
        await UntilAsync(() => harness.Status.Current.State == DeliveryState.Retrying);
        Assert.True(await harness.StopAsync());
        Assert.Empty(harness.StoredOrdinals);
    }

    [Fact]
    public async Task The_memory_of_an_expanded_chunk_is_kept_until_the_last_write_of_its_events()
    {
        var entries = new[] { TestEntries.Entry(1, 0, [400, 400], padding: 100), TestEntries.Entry(2, 800, [400], padding: 100) };
        Assert.True(entries[0].Entry.Chunks.Length < 800 * 100, "The chunks have to be compressed for this test.");
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(entries)) { Settings = FastSettings with { BatchSize = 150 } };
        harness.Store.BeforeAppend = _ =>
        {
            // Whatever the pool has to give is not in use: writing on it must not hurt.
            var rented = Enumerable.Range(0, 8).Select(_ => System.Buffers.ArrayPool<byte>.Shared.Rent(400 * 150)).ToList();
            foreach (var buffer in rented)
            {
                buffer.AsSpan().Fill(0xEE);
                System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            }

            return Task.CompletedTask;
        };
        harness.Start();
        await harness.UntilSettledAsync();
        var stored = harness.Inner.Events(harness.Spool.SpoolId, Partition);
        Assert.Equal(
            Enumerable.Range(0, 1200).Select(i => $"o{i / 400 * 400}-{i % 400}{new string('.', 100)}"),
            stored.Select(item => System.Text.Encoding.UTF8.GetString(EventRecord.Read(item.Record.Span)[EventField.Message])));
    }
}
