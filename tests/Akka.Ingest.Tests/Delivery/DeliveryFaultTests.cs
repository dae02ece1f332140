namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Testing;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static DeliveryHarness;

public sealed class DeliveryFaultTests() : TestKit("akka.loglevel = OFF")
{
    private DeliveryHarness Harness(params int[] sizes) => new(Sys, new ScriptedSpool.Script(TestEntries.Entries(sizes)));

    private static IEnumerable<long> Ordinals(int count) => Enumerable.Range(0, count).Select(i => (long)i);

    [Theory]
    [InlineData(StoreFault.Transient)]
    [InlineData(StoreFault.Throttled)]
    [InlineData(StoreFault.Permanent)]
    [InlineData(StoreFault.Throw)]
    [InlineData(StoreFault.CommitThenFail)]
    [InlineData(StoreFault.CommitThenThrow)]
    public async Task A_single_fault_loses_and_repeats_nothing(StoreFault fault)
    {
        using var harness = Harness(10, 10, 10);
        harness.Store.Plan(StoreFault.None, fault);
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(30), harness.StoredOrdinals);
        Assert.Empty(harness.DeadLetterLines);
    }

    [Fact]
    public async Task An_event_that_was_written_after_all_never_becomes_a_dead_letter_too()
    {
        using var harness = Harness(1, 1);
        harness.Store.Plan([StoreFault.CommitThenFail, .. Enumerable.Repeat(StoreFault.Permanent, 8)]);
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Contains(0L, harness.StoredOrdinals);
        Assert.DoesNotContain(0L, harness.DeadLetterOrdinals);
    }

    [Fact]
    public async Task An_outage_of_a_day_loses_nothing_and_is_retried_for_as_long_as_it_lasts()
    {
        var time = new FakeTimeProvider();
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries(10, 10)), time)
        {
            Settings = FastSettings with { RetryDelay = TimeSpan.FromMilliseconds(200), MaxRetryDelay = TimeSpan.FromSeconds(30) },
        };
        harness.Start();
        await UntilAsync(() => harness.Status.Current.State == DeliveryState.Reading || harness.Status.Current.Stored.Ordinal > 0);
        await harness.UntilSettledAsync();
        harness.Store.IsAway = true;
        harness.Offer(TestEntries.Entry(3, 20, [10]));
        var end = time.GetUtcNow().AddDays(1);
        var appends = harness.Store.Appends;
        while (time.GetUtcNow() < end)
        {
            await UntilAsync(() => harness.Status.Current.State == DeliveryState.Retrying && harness.Store.Appends > appends);
            appends = harness.Store.Appends;
            // Past the longest pause: the next attempt has to come, whatever the jitter. A few hundred attempts are a day's worth.
            time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.True(harness.Status.Current.Retries >= 280);
        Assert.Contains("test:busy", harness.Status.Current.LastError, StringComparison.Ordinal);
        harness.Store.IsAway = false;
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return harness.StoredOrdinals.Count == 30;
        });
        Assert.Equal(Ordinals(30), harness.StoredOrdinals);
        Assert.Empty(harness.DeadLetterLines);
    }

    [Fact]
    public async Task A_store_that_is_away_at_the_start_is_waited_for()
    {
        using var harness = Harness(5);
        harness.Store.IsAway = true;
        harness.Start();
        await UntilAsync(() => harness.Status.Current.Restarts >= 3);
        harness.Store.IsAway = false;
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(5), harness.StoredOrdinals);
    }

    [Fact]
    public async Task A_writer_whose_position_was_moved_by_another_starts_over_from_where_the_store_stands()
    {
        using var harness = Harness(10, 10, 10);
        var entries = harness.Spool.Entries;
        var isMoved = false;
        harness.Store.BeforeAppend = batch =>
        {
            if (!isMoved && batch.Expected.Ordinal == 10)
            {
                // The other writer has already settled the second entry and half of the third.
                isMoved = true;
                harness.Inner.SetPosition(batch.SpoolId, batch.Partition, new StoredPosition(new SpoolOffset(3, 5), 25, entries[2].Entry.Checksum));
            }

            return Task.CompletedTask;
        };
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Equal([.. Ordinals(10), 25, 26, 27, 28, 29], harness.StoredOrdinals);
        Assert.Equal(2, harness.Spool.Reconciled.Count);
        Assert.Equal(25, harness.Spool.Reconciled[1].Stored!.Value.Ordinal);
    }

    [Fact]
    public async Task A_crash_between_write_and_confirm_repeats_nothing()
    {
        using var harness = Harness(10, 10);
        harness.Store.Plan(StoreFault.CrashAfterCommit);
        harness.Start();
        await harness.Store.Crashed;
        await harness.CrashAndRestartAsync();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(20), harness.StoredOrdinals);
        Assert.Equal(10, harness.Spool.Reconciled[^1].Stored!.Value.Ordinal);
    }

    [Fact]
    public async Task A_lone_event_leaves_when_its_delay_is_over_and_not_before()
    {
        var time = new FakeTimeProvider();
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries(10, 1)), time)
        {
            Settings = FastSettings with { MaxBatchDelay = TimeSpan.FromSeconds(5) },
        }.Start();
        // The first batch is full and leaves at once; the stream has then taken the lone event or will in a moment.
        await UntilAsync(() => harness.StoredOrdinals.Count == 10);
        await UntilAsync(() => harness.Spool.Pulls >= 2);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(10, harness.StoredOrdinals.Count);
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            return harness.StoredOrdinals.Count == 11;
        });
    }
}
