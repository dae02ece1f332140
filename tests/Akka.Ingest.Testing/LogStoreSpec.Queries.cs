namespace Akka.Ingest.Testing;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Xunit;

public abstract partial class LogStoreSpec
{
    [Theory]
    [InlineData("properties.n = 1", "1e0,one,one.0")]
    [InlineData("properties.n <> 1", "big,bigger,two")]
    [InlineData("not properties.n = 1", "absent,big,bigger,null,object,text,true,two")]
    [InlineData("properties.n is null", "absent,null")]
    [InlineData("properties.n is not null", "1e0,big,bigger,object,one,one.0,text,true,two")]
    [InlineData("has(properties.n)", "1e0,big,bigger,null,object,one,one.0,text,true,two")]
    [InlineData("properties.n = '1'", "text")]
    [InlineData("properties.n = true", "true")]
    [InlineData("properties.n <> false", "true")]
    [InlineData("properties.n = 9007199254740993", "bigger")]
    [InlineData("properties.n >= 9007199254740992 and properties.n < 9007199254740993", "big")]
    [InlineData("properties.n in (2, '1', true)", "text,true,two")]
    [InlineData("properties.n.deep[1] = 'gr\u00f6\u00dfe'", "object")]
    [InlineData("properties.n.deep[1] like 'GR\u00d6\u00dfE'", "object")]
    [InlineData("properties['n'].deep[0] is null", "1e0,absent,big,bigger,null,object,one,one.0,text,true,two")]
    public async Task A_filter_compares_by_kind(string filter, string expected)
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0,
        [
            SpecEvent.Of("absent"), SpecEvent.Of("null", """{"n":null}"""), SpecEvent.Of("one", """{"n":1}"""), SpecEvent.Of("one.0", """{"n":1.0}"""),
            SpecEvent.Of("1e0", """{"n":1e0}"""), SpecEvent.Of("two", """{"n":2}"""), SpecEvent.Of("text", """{"n":"1"}"""),
            SpecEvent.Of("true", """{"n":true}"""), SpecEvent.Of("object", """{"n":{"deep":[null,"größe"]}}"""),
            SpecEvent.Of("big", """{"n":9007199254740992}"""), SpecEvent.Of("bigger", """{"n":9007199254740993}"""),
        ]);

        var messages = await MessagesAsync(new LogQueryRequest { Filter = filter });

        Assert.Equal(expected.Split(','), messages.Order(StringComparer.Ordinal));
        Assert.Equal(messages.Count, await Store.CountAsync(StoreQueries.Plan(new LogQueryRequest { Filter = filter }), CancellationToken.None));
    }

    [Fact]
    public async Task From_is_inclusive_and_to_is_exclusive()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, 5).Select(i => SpecEvent.Of($"{i}", afterTicks: i))]);

        var request = new LogQueryRequest { From = TestEvents.ReceivedAt.AddTicks(1), To = TestEvents.ReceivedAt.AddTicks(3) };

        Assert.Equal(["2", "1"], await MessagesAsync(request));
        Assert.Equal(["1", "2"], await MessagesAsync(request with { Order = LogOrder.Ascending }));
        Assert.Equal(2, await Store.CountAsync(StoreQueries.Plan(request), CancellationToken.None));
    }

    [Fact]
    public async Task Events_of_one_time_come_in_order_of_their_ids_and_each_once()
    {
        var feeder = new StoreFeeder(Store);
        for (var round = 0; round < 5; round++)
        {
            for (var partition = 3; partition >= 0; partition--)
                await feeder.AppendAsync(partition, [SpecEvent.Of("a"), SpecEvent.Of("b"), SpecEvent.Of("c", afterTicks: round % 2)]);
        }

        var ascending = feeder.Fed.OrderBy(item => item.Event.Ticks).ThenBy(item => item.Id.ToString(), StringComparer.Ordinal).Select(item => item.Id).ToArray();
        foreach (var limit in new[] { 1, 7, 60, 1000 })
        {
            Assert.Equal(ascending, (await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending, Limit = limit })).Select(item => item.Id));
            Assert.Equal(ascending.Reverse(), (await Store.AllPagesAsync(new LogQueryRequest { Limit = limit })).Select(item => item.Id));
        }
    }

    [Theory]
    [InlineData(LogOrder.Descending)]
    [InlineData(LogOrder.Ascending)]
    [InlineData(LogOrder.Received)]
    public async Task Paging_gives_what_was_there_exactly_once_while_others_write(LogOrder order)
    {
        var feeder = new StoreFeeder(Store);
        var random = new Random(5);
        SpecEvent[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => SpecEvent.Of("m", afterTicks: random.Next(50)))];
        for (var partition = 0; partition < 4; partition++)
            await feeder.AppendAsync(partition, Some(100));
        var before = feeder.Fed.Select(item => item.Id).ToHashSet();

        var turn = 0;
        var paged = await Store.AllPagesAsync(new LogQueryRequest { Order = order, Limit = 17 }, between: async () =>
        {
            if (turn < 20)
                await feeder.AppendAsync(turn++ % 4, Some(9));
        });

        var ids = paged.Select(item => item.Id).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Subset(ids.ToHashSet(), before);
    }

    [Fact]
    public async Task A_follower_in_order_of_receipt_misses_nothing()
    {
        var feeder = new StoreFeeder(Store);
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < 60; round++)
                await feeder.AppendAsync(round % 4, [.. Enumerable.Range(0, 5).Select(i => SpecEvent.Of($"{round}-{i}", afterTicks: -round))]);
        });
        var seen = new List<EventId>();
        string? after = null;
        for (var quietRounds = 0; quietRounds < 2;)
        {
            var isDone = writing.IsCompleted;
            var page = await Store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 7, After = after });
            seen.AddRange(page.Events.Select(item => item.Id));
            after = page.Events.Count > 0 ? page.Events[^1].Id.ToString() : after;
            quietRounds = isDone && page.Events.Count == 0 ? quietRounds + 1 : 0;
        }

        await writing;
        Assert.Equal(feeder.Fed.Select(item => item.Id), seen);
    }

    [Fact]
    public async Task A_follower_whose_filter_matches_nothing_still_moves_on()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")]);
        var request = new LogQueryRequest { Order = LogOrder.Received, Text = "wanted" };
        var first = await Store.PageAsync(request);
        await feeder.AppendAsync(1, [SpecEvent.Of("wanted")]);

        var second = await Store.PageAsync(request with { Cursor = first.FollowCursor });

        Assert.Null(first.NextCursor);
        Assert.Equal("wanted", MessageOf(Assert.Single(second.Events)));
        Assert.Equal(1, second.ScannedEvents);
    }

    [Fact]
    public async Task A_page_that_looked_at_enough_ends_early_and_its_cursor_goes_on()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, 5_000).Select(i => SpecEvent.Of(i % 2_500 == 0 ? "needle" : "hay", afterTicks: i))]);
        foreach (var order in Enum.GetValues<LogOrder>())
        {
            // Not "text", for which a store may have an index that makes looking unnecessary.
            var request = new LogQueryRequest { Filter = "message like '%NEEDLE%'", Order = order };
            var first = await Store.QueryAsync(StoreQueries.Plan(request) with { MaxScannedEvents = 1_000 }, CancellationToken.None);

            Assert.NotNull(first.NextCursor);
            Assert.InRange(first.ScannedEvents, 1_000, 2_048);
            Assert.Equal(2, (await Store.AllPagesAsync(request, plan => plan with { MaxScannedEvents = 1_000 })).Count);
        }
    }

    [Fact]
    public async Task A_page_ends_early_when_its_events_are_large()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, 10).Select(i => SpecEvent.Of(new string('x', 1_000), afterTicks: i))]);

        var page = await Store.QueryAsync(new LogQueryPlan { MaxPageBytes = 3_000 }, CancellationToken.None);

        Assert.Equal(3, page.Events.Count);
        Assert.Equal(10, (await Store.AllPagesAsync(new LogQueryRequest(), plan => plan with { MaxPageBytes = 3_000 })).Count);
    }

    [Fact]
    public async Task A_trace_is_found_among_others_in_every_order_and_page_by_page()
    {
        var feeder = new StoreFeeder(Store);
        static SpecEvent Traced(string trace, int i) => SpecEvent.Of($"{trace}-{i}", afterTicks: i / 2) with
        {
            Fields = new Dictionary<EventField, string> { [EventField.Message] = $"{trace}-{i}", [EventField.TraceId] = trace },
        };
        for (var i = 0; i < 30; i++)
            await feeder.AppendAsync(i % 3, [Traced("0123456789abcdef", i), Traced("01234567fedcba98", i), SpecEvent.Of("none")]);

        foreach (var order in Enum.GetValues<LogOrder>())
        {
            var found = await Store.AllPagesAsync(new LogQueryRequest { TraceId = "0123456789abcdef", Order = order, Limit = 4 });
            Assert.Equal(30, found.Select(item => item.Id).Distinct().Count());
            Assert.All(found, item => Assert.StartsWith("0123456789abcdef", MessageOf(item), StringComparison.Ordinal));
        }

        Assert.Equal(30, await Store.CountAsync(StoreQueries.Plan(new LogQueryRequest { TraceId = "01234567fedcba98" }), CancellationToken.None));
    }

    [Fact]
    public async Task A_histogram_counts_every_event_once_by_time_and_level()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, 600).Select(i => SpecEvent.Of("m", severity: (Severity)(i % 6), afterTicks: i))]);
        var range = new LogQueryRequest { From = TestEvents.ReceivedAt, To = TestEvents.ReceivedAt.AddTicks(700) };

        var closed = await Store.HistogramAsync(StoreQueries.Plan(range), 7, CancellationToken.None);
        var open = await Store.HistogramAsync(new LogQueryPlan(), 4, CancellationToken.None);
        var errors = await Store.HistogramAsync(StoreQueries.Plan(range with { MinLevel = Severity.Error }), 7, CancellationToken.None);

        Assert.Equal([100, 100, 100, 100, 100, 100, 0], closed.Buckets.Select(bucket => bucket.BySeverity.Sum()));
        Assert.Equal(range.From, closed.Buckets[0].From);
        Assert.Equal(range.To, closed.Buckets[^1].To);
        Assert.Equal(closed.Buckets.Skip(1).Select(bucket => bucket.From), closed.Buckets.SkipLast(1).Select(bucket => bucket.To));
        Assert.Equal([150, 150, 150, 150], open.Buckets.Select(bucket => bucket.BySeverity.Sum()));
        Assert.Equal(200, errors.Buckets.Sum(bucket => bucket.BySeverity[4] + bucket.BySeverity[5]));
        Assert.Equal(0, errors.Buckets.Sum(bucket => bucket.BySeverity[2]));
    }

    [Fact]
    public async Task An_empty_store_answers_everything_with_nothing()
    {
        Assert.Empty((await Store.PageAsync(new LogQueryRequest())).Events);
        Assert.Empty((await Store.HistogramAsync(new LogQueryPlan(), 60, CancellationToken.None)).Buckets);
        Assert.Null(await Store.FindAsync(new EventId(Guid.NewGuid(), 0, 0), CancellationToken.None));
        Assert.Empty((await Store.PageAsync(new LogQueryRequest { From = TestEvents.ReceivedAt, To = TestEvents.ReceivedAt })).Events);
    }

    [Fact]
    public async Task Readers_see_whole_appends_only()
    {
        var feeder = new StoreFeeder(Store);
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < 30; round++)
                await feeder.AppendAsync(round % 4, [.. Enumerable.Range(0, 50).Select(i => SpecEvent.Of("m", afterTicks: i))]);
        });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            do
            {
                Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None) % 50);
            }
            while (!writing.IsCompleted);
        })));
        await writing;
    }
}
