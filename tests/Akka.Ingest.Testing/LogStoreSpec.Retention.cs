namespace Akka.Ingest.Testing;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Xunit;

public abstract partial class LogStoreSpec
{
    private static readonly DateTime Monday = new(2026, 11, 23, 23, 59, 59, DateTimeKind.Utc);
    private static readonly DateTime Tuesday = new(2026, 11, 24, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Wednesday = Tuesday.AddDays(1);

    [Fact]
    public async Task Days_are_those_of_receipt_whatever_the_events_are_dated()
    {
        var feeder = new StoreFeeder(Store);
        var model = new RetentionModel(Store);
        model.Add(await feeder.AppendAsync(0, [SpecEvent.Of("a", afterTicks: TimeSpan.TicksPerDay * 400), SpecEvent.Of("b", afterTicks: 5)], receivedAt: Tuesday));
        model.Add(await feeder.AppendAsync(1, [SpecEvent.Of("late") with { Ticks = 0 }], receivedAt: Tuesday.AddTicks(-1)));
        model.Add(await feeder.AppendAsync(0, [SpecEvent.Of("c"), SpecEvent.Of("d"), SpecEvent.Of("e")], receivedAt: Wednesday.AddTicks(-1)));
        model.Add(await feeder.AppendAsync(2, [SpecEvent.Of("f") with { Ticks = DateTime.MaxValue.Ticks }], receivedAt: Wednesday));

        await model.AssertDaysAsync();
        await ReopenAsync();
        model.Store = Store;
        await model.AssertDaysAsync();
    }

    [Fact]
    public async Task One_batch_may_hold_events_of_two_days()
    {
        var feeder = new StoreFeeder(Store);
        var batch = feeder.Batch(0, [SpecEvent.Of("yesterday"), SpecEvent.Of("today")]);
        StoreSlice Slice(string message, long ordinal, DateTime receivedAt) => new(SpecEvent.Of(message).Encode(), 1, ordinal, receivedAt, "");
        var mixed = new StoreBatch
        {
            SpoolId = batch.SpoolId,
            Partition = 0,
            Expected = batch.Expected,
            Next = batch.Next,
            Slices = [Slice("yesterday", 0, Monday), Slice("today", 1, Tuesday)],
        };
        Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(mixed, CancellationToken.None));
        Assert.Equal([(StoredDay.Of(Monday), 1L), (StoredDay.Of(Tuesday), 1L)], (await Store.ReadDaysAsync(CancellationToken.None)).Select(day => (day.Day, day.Events)));

        Assert.Equal(1, (await Store.ExpireAsync(new ExpireRequest(StoredDay.Of(Monday)), CancellationToken.None)).Events);

        Assert.Equal(["today"], await MessagesAsync(new LogQueryRequest()));
    }

    [Fact]
    public async Task A_whole_day_expires_and_no_other()
    {
        var (feeder, model) = await FeedThreeDaysAsync();
        var positions = Enumerable.Range(0, 3).Select(feeder.Position).ToArray();

        await model.ExpireAsync(StoredDay.Of(Tuesday));

        Assert.DoesNotContain(model.Kept, fed => RetentionModel.DayOf(fed) == StoredDay.Of(Tuesday));
        await AssertAgreesAsync(model);
        for (var partition = 0; partition < positions.Length; partition++)
            Assert.Equal(positions[partition], await Store.ReadPositionAsync(feeder.SpoolId, partition, CancellationToken.None));

        await ReopenAsync();
        model.Store = Store;
        await AssertAgreesAsync(model);
    }

    [Fact]
    public async Task Appends_go_on_after_everything_has_expired()
    {
        var (feeder, model) = await FeedThreeDaysAsync();
        var follow = (await Store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 1_000 })).FollowCursor;
        foreach (var day in new[] { Monday, Tuesday, Wednesday })
            await model.ExpireAsync(StoredDay.Of(day));
        await AssertAgreesAsync(model);
        await ReopenAsync();
        model.Store = Store;
        var next = new List<FedEvent>();
        for (var partition = 0; partition < 3; partition++)
        {
            // Written through the store opened again, at the positions reached before.
            var batch = feeder.Batch(partition, [SpecEvent.Of("after")], "key-1", Wednesday);
            Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(batch, CancellationToken.None));
            next.Add(new FedEvent(new EventId(feeder.SpoolId, partition, batch.Expected.Ordinal), Wednesday, "key-1", SpecEvent.Of("after")));
        }

        model.Add(next);
        await AssertAgreesAsync(model);
        Assert.Equal(next.Select(fed => fed.Id), (await Store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Cursor = follow })).Events.Select(item => item.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(250)]
    [InlineData(100_000)]
    public async Task Part_of_a_day_goes_from_its_oldest_end(long events)
    {
        var (_, model) = await FeedThreeDaysAsync();
        var before = model.Kept.LongCount(fed => RetentionModel.DayOf(fed) == StoredDay.Of(Tuesday));

        var removed = await model.ExpireAsync(StoredDay.Of(Tuesday), events);

        Assert.InRange(removed, Math.Min(events, before), before);
        await AssertAgreesAsync(model);
    }

    [Fact]
    public async Task A_day_that_is_not_there_is_complete_at_once()
    {
        var (_, model) = await FeedThreeDaysAsync();
        await model.ExpireAsync(StoredDay.Of(Tuesday));

        foreach (var day in new[] { StoredDay.Of(Tuesday), new DateOnly(2020, 2, 29), DateOnly.MaxValue, DateOnly.MinValue })
        {
            var step = await Store.ExpireAsync(new ExpireRequest(day), CancellationToken.None);
            Assert.Equal((0, true), (step.Events, step.IsComplete));
        }

        await AssertAgreesAsync(model);
    }

    [Fact]
    public async Task Stored_and_expired_are_all_that_was_ever_appended()
    {
        var model = new RetentionModel(Store);
        var feeders = new[] { new StoreFeeder(Store), new StoreFeeder(Store) };
        foreach (var feeder in feeders)
        {
            for (var round = 0; round < 6; round++)
                model.Add(await feeder.AppendAsync(round % 2, [SpecEvent.Of("m"), SpecEvent.Of("n")], round % 3 == 0 ? "" : $"kéy-{round % 3}", round < 3 ? Monday : Tuesday));
        }

        await model.AssertCountsAsync();
        await model.ExpireAsync(StoredDay.Of(Monday));
        await model.AssertCountsAsync();
        await ReopenAsync();
        model.Store = Store;
        await model.AssertCountsAsync();
    }

    [Fact]
    public async Task What_was_refused_or_repeated_is_counted_once()
    {
        var feeder = new StoreFeeder(Store);
        var model = new RetentionModel(Store);
        var first = feeder.Batch(0, [SpecEvent.Of("a"), SpecEvent.Of("b")], "key-1", Monday);
        model.Add(await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")], "key-1", Monday));
        Assert.IsType<StoreAppendResult.OffsetMismatch>(await Store.AppendAsync(first, CancellationToken.None));
        var stale = new StoreFeeder(Store) { SpoolId = feeder.SpoolId }.Batch(0, [SpecEvent.Of("stale")], "key-2", Tuesday);
        Assert.IsType<StoreAppendResult.OffsetMismatch>(await Store.AppendAsync(stale, CancellationToken.None));
        await model.AssertCountsAsync();

        await model.ExpireAsync(StoredDay.Of(Monday));
        Assert.IsType<StoreAppendResult.OffsetMismatch>(await Store.AppendAsync(first, CancellationToken.None));

        await AssertAgreesAsync(model);
    }

    [Theory]
    [InlineData(LogOrder.Descending)]
    [InlineData(LogOrder.Ascending)]
    [InlineData(LogOrder.Received)]
    public async Task A_page_that_is_followed_gives_what_did_not_expire_exactly_once(LogOrder order)
    {
        var (_, model) = await FeedThreeDaysAsync();
        var all = model.Kept.Select(fed => fed.Id).ToHashSet();
        var turn = 0;

        var paged = await Store.AllPagesAsync(new LogQueryRequest { Order = order, Limit = 31 }, between: async () =>
        {
            if (turn++ % 2 == 0)
                await model.ExpireAsync(StoredDay.Of(turn % 3 == 0 ? Wednesday : Tuesday), 40);
        });

        var ids = paged.Select(item => item.Id).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Subset(all, ids.ToHashSet());
        Assert.Subset(ids.ToHashSet(), model.Kept.Select(fed => fed.Id).ToHashSet());
    }

    [Fact]
    public async Task A_follower_whose_last_event_expired_goes_on_with_the_oldest_there_is()
    {
        var (_, model) = await FeedThreeDaysAsync();
        var last = model.Kept.Last(fed => RetentionModel.DayOf(fed) == StoredDay.Of(Tuesday));
        await model.ExpireAsync(StoredDay.Of(Tuesday));

        var page = await Store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, After = last.Id.ToString(), Limit = 20 });

        Assert.Equal(model.Kept.Take(20).Select(fed => fed.Id), page.Events.Select(item => item.Id));
    }

    [Fact]
    public async Task Expiry_takes_nothing_from_those_who_append_meanwhile()
    {
        var (feeder, model) = await FeedThreeDaysAsync();
        var writing = Task.Run(async () =>
        {
            var fed = new List<FedEvent>();
            for (var round = 0; round < 40; round++)
                fed.AddRange(await feeder.AppendAsync(round % 3, [.. Enumerable.Range(0, 10).Select(i => SpecEvent.Of($"new-{round}-{i}"))], "key-2", round % 2 == 0 ? Tuesday : Wednesday));
            return fed;
        });
        var removed = 0L;
        for (var isOver = false; !isOver;)
        {
            var isWritten = writing.IsCompleted;
            var step = await Store.ExpireAsync(new ExpireRequest(StoredDay.Of(Tuesday), 25), CancellationToken.None);
            removed += step.Events;
            isOver = isWritten && step is { Events: 0, IsComplete: true };
        }

        model.Add(await writing);
        model.Apply(StoredDay.Of(Tuesday), removed);
        Assert.DoesNotContain(model.Kept, fed => RetentionModel.DayOf(fed) == StoredDay.Of(Tuesday));
        await AssertAgreesAsync(model);
    }

    [Fact]
    public async Task Random_appends_and_removals_agree_with_a_plain_list()
    {
        var random = new ModelGenerator(31);
        var model = new RetentionModel(Store);
        var spoolId = Guid.NewGuid();
        var feeder = new StoreFeeder(Store) { SpoolId = spoolId };
        for (var round = 0; round < 60; round++)
        {
            var day = Monday.AddDays(random.Next(4));
            if (random.Next(3) != 0)
                model.Add(await feeder.AppendAsync(random.Next(3), [.. Enumerable.Range(0, 1 + random.Next(60)).Select(_ => random.NextEvent())], random.Pick("", "key-1", "key-2"), day));
            else
                await model.ExpireAsync(StoredDay.Of(day), random.Pick(1, 10, 45, ExpireRequest.WholeDay));
            if (round % 10 == 9)
                await AssertAgreesAsync(model);
        }
    }

    /// <summary>Three days whose events arrive mixed, in three partitions.</summary>
    private async Task<(StoreFeeder Feeder, RetentionModel Model)> FeedThreeDaysAsync()
    {
        var feeder = new StoreFeeder(Store);
        var model = new RetentionModel(Store);
        for (var round = 0; round < 60; round++)
        {
            var receivedAt = (round % 4) switch
            {
                0 => Monday,
                1 => Wednesday.AddSeconds(round),
                _ => Tuesday.AddSeconds(round),
            };
            SpecEvent Event(int i) => SpecEvent.Of($"{round}-{i}", $$"""{"round":{{round}}}""", (Severity)(i % 6), afterTicks: (i * 7) - round) with { FractionDigits = i % 8 };
            model.Add(await feeder.AppendAsync(round % 3, [.. Enumerable.Range(0, 10).Select(Event)], round % 5 == 0 ? "" : "key-1", receivedAt));
        }

        return (feeder, model);
    }

    /// <summary>Every way to ask gives what is kept, and nothing that expired.</summary>
    private async Task AssertAgreesAsync(RetentionModel model)
    {
        await model.AssertDaysAsync();
        await model.AssertCountsAsync();
        var received = await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 100 });
        Assert.Equal(model.Kept.Select(fed => fed.Id), received.Select(item => item.Id));
        var ascending = model.Kept.OrderBy(fed => fed.Event.Ticks).ThenBy(fed => fed.Id.ToString(), StringComparer.Ordinal).Select(fed => fed.Id).ToArray();
        Assert.Equal(ascending, (await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending, Limit = 100 })).Select(item => item.Id));
        Assert.Equal(ascending.Reverse(), (await Store.AllPagesAsync(new LogQueryRequest { Limit = 100 })).Select(item => item.Id));
        Assert.Equal(model.Kept.Count, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        var errors = StoreQueries.Plan(new LogQueryRequest { MinLevel = Severity.Error });
        Assert.Equal(model.Kept.LongCount(fed => fed.Event.Severity >= Severity.Error), await Store.CountAsync(errors, CancellationToken.None));
        Assert.Equal(model.Kept.Count, (await Store.HistogramAsync(new LogQueryPlan(), 7, CancellationToken.None)).Buckets.Sum(bucket => bucket.BySeverity.Sum()));
        await AssertHoldsAsync(model.Kept);
        foreach (var fed in model.Expired)
            Assert.Null(await Store.FindAsync(fed.Id, CancellationToken.None));
    }
}
