namespace Akka.Ingest.Testing;

using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Xunit;

public abstract partial class LogStoreSpec
{
    private const int MaxEventBytes = 1024 * 1024;

    [Fact]
    public async Task Health_tells_what_the_store_holds()
    {
        AssertSound(await Store.ReadHealthAsync(CancellationToken.None), events: 0);
        var (_, model) = await FeedThreeDaysAsync();

        AssertSound(await Store.ReadHealthAsync(CancellationToken.None), model.Kept.Count);
        await model.ExpireAsync(StoredDay.Of(Tuesday));
        AssertSound(await Store.ReadHealthAsync(CancellationToken.None), model.Kept.Count);
        await ReopenAsync();
        AssertSound(await Store.ReadHealthAsync(CancellationToken.None), model.Kept.Count);
    }

    [Fact]
    public async Task Every_index_that_a_plan_names_is_described()
    {
        await FeedThreeDaysAsync();
        var described = await Store.Indexes.DescribeAsync(CancellationToken.None);
        Assert.All(described, index =>
        {
            Assert.NotEmpty(index.Name);
            Assert.NotEmpty(index.Columns);
            Assert.NotEmpty(index.Serves);
            Assert.True(index.SizeBytes is null or >= 0);
        });
        var names = described.Select(index => index.Name).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());

        LogQueryRequest[] requests =
        [
            new(), new() { MinLevel = Severity.Error }, new() { TraceId = "0af7651916cd43dd8448eb211c80319c" }, new() { Text = "7-3" },
            new() { Source = "tests" }, new() { Filter = "properties.round = 7" }, new() { From = TestEvents.ReceivedAt, To = TestEvents.ReceivedAt.AddTicks(10) },
        ];
        foreach (var request in requests)
        {
            foreach (var order in Enum.GetValues<LogOrder>())
                Assert.Subset(names.ToHashSet(), (await Store.PageAsync(request with { Order = order })).Indexes.ToHashSet());
        }
    }

    [Fact]
    public async Task Events_as_large_as_they_may_be_come_back_from_a_batch_of_many_megabytes()
    {
        var feeder = new StoreFeeder(Store);
        var random = new Random(3);
        SpecEvent Large(int i)
        {
            var text = string.Create(MaxEventBytes / 2, random, static (span, random) =>
            {
                for (var at = 0; at < span.Length; at++)
                    span[at] = (char)random.Next(' ', 0x7F);
            });
            return SpecEvent.Of(text, $$"""{"n":{{i}},"text":"{{new string('ä', MaxEventBytes / 4)}}"}""", afterTicks: i);
        }

        var fed = await feeder.AppendAsync(0, [.. Enumerable.Range(0, 12).Select(Large)]);
        await AssertHoldsAsync(fed);
        await ReopenAsync();

        var paged = await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending }, plan => plan with { MaxPageBytes = 3 * MaxEventBytes });
        Assert.Equal(fed.Select(item => item.Id), paged.Select(item => item.Id));
        Assert.Equal(fed.Select(item => item.Event.Encode()), paged.Select(item => item.Record.ToArray()));
        Assert.Equal(1, await Store.CountAsync(StoreQueries.Plan(new LogQueryRequest { Filter = "properties.n = 7" }), CancellationToken.None));
    }

    [Fact]
    public async Task A_batch_of_as_many_events_as_may_be_is_stored_whole()
    {
        var feeder = new StoreFeeder(Store);
        const int Count = 20_000;
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, Count).Select(i => SpecEvent.Of(i.ToString(CultureInfo.InvariantCulture), afterTicks: i))]);

        Assert.Equal(Count, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Equal("19999", MessageOf(Assert.Single((await Store.PageAsync(new LogQueryRequest { Limit = 1 })).Events)));
        Assert.Equal("0", MessageOf(await Store.FindAsync(new EventId(feeder.SpoolId, 0, 0), CancellationToken.None)));
    }

    [Fact]
    public async Task Many_readers_at_once_all_get_right_answers_while_one_writes()
    {
        var (feeder, model) = await FeedThreeDaysAsync();
        var ids = model.Kept.Select(fed => fed.Id).ToArray();
        var before = new LogQueryRequest { Filter = "has(properties.round)" };
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < 30; round++)
                await feeder.AppendAsync(round % 3, [.. Enumerable.Range(0, 10).Select(i => SpecEvent.Of($"{i}"))]);
        });

        await Task.WhenAll(Enumerable.Range(0, 12).Select(reader => Task.Run(async () =>
        {
            for (var turn = 0; turn < 5; turn++)
            {
                switch (reader % 4)
                {
                    case 0:
                        Assert.Equal(ids.Length, await Store.CountAsync(StoreQueries.Plan(before), CancellationToken.None));
                        break;
                    case 1:
                        Assert.Equal(ids, (await Store.AllPagesAsync(before with { Order = LogOrder.Received, Limit = 200 })).Select(item => item.Id));
                        break;
                    case 2:
                        var histogram = await Store.HistogramAsync(StoreQueries.Plan(before), 5, CancellationToken.None);
                        Assert.Equal(ids.Length, histogram.Buckets.Sum(bucket => bucket.BySeverity.Sum()));
                        break;
                    default:
                        await AssertHoldsAsync([.. model.Kept.Where((_, at) => at % 40 == reader)]);
                        break;
                }
            }
        })));
        await writing;
    }

    private static void AssertSound(StoreHealth health, long events)
    {
        Assert.Equal(events, health.Events);
        Assert.True(health.SchemaVersion >= 1);
        Assert.True(health.Bytes >= 0 && (events == 0 || health.Bytes > 0));
        Assert.True(events == 0 || health.Parts.Count > 0);
        Assert.All(health.Parts, part =>
        {
            Assert.NotEmpty(part.Name);
            Assert.NotEmpty(part.Kind);
            Assert.True(part.Bytes >= 0 && part.Events is null or >= 0);
        });
        Assert.InRange(health.FragmentationPercent, 0, 100);
        Assert.InRange(health.IndexBloatPercent, 0, 100);
        Assert.InRange(health.TableBloatPercent, 0, 100);
        Assert.Empty(health.Damage);
    }

    /// <summary>Every partition of a server has a spool id of its own; the store meets them in any order.</summary>
    [Fact]
    public async Task Events_of_one_time_of_several_spools_come_in_order_of_their_ids()
    {
        Guid[] spools = [.. new byte[] { 0x7f, 0x01, 0xff, 0x80, 0x02 }.Select((first, i) => new Guid([first, 1, 2, 3, 4, 5, 0x76, 7, (byte)(255 - i), 9, 10, 11, 12, 13, 14, 15], bigEndian: true))];
        var fed = new List<FedEvent>();
        foreach (var spool in spools)
        {
            var feeder = new StoreFeeder(Store) { SpoolId = spool };
            for (var partition = 1; partition >= 0; partition--)
                fed.AddRange(await feeder.AppendAsync(partition, [SpecEvent.Of("a"), SpecEvent.Of("b", severity: Severity.Error), SpecEvent.Of("c", afterTicks: 1)]));
        }

        var ascending = fed.OrderBy(item => item.Event.Ticks).ThenBy(item => item.Id.ToString(), StringComparer.Ordinal).Select(item => item.Id).ToArray();
        foreach (var limit in new[] { 1, 4, 1000 })
        {
            Assert.Equal(ascending, (await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending, Limit = limit })).Select(item => item.Id));
            Assert.Equal(ascending.Reverse(), (await Store.AllPagesAsync(new LogQueryRequest { Limit = limit })).Select(item => item.Id));
        }
    }

    [Fact]
    public async Task A_histogram_over_a_range_without_events_has_all_its_buckets()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("m")]);
        var range = new LogQueryRequest { From = TestEvents.ReceivedAt.AddHours(1), To = TestEvents.ReceivedAt.AddHours(2) };

        foreach (var request in new[] { range, range with { MinLevel = Severity.Error }, range with { Text = "m" } })
        {
            var histogram = await Store.HistogramAsync(StoreQueries.Plan(request), 4, CancellationToken.None);

            Assert.Equal(4, histogram.Buckets.Count);
            Assert.Equal(0, histogram.Buckets.Sum(bucket => bucket.BySeverity.Sum()));
            Assert.Equal((range.From, range.To), (histogram.Buckets[0].From, histogram.Buckets[^1].To));
        }
    }

    [Fact]
    public async Task An_open_histogram_begins_with_the_first_event_there_is_and_ends_with_the_last()
    {
        var feeder = new StoreFeeder(Store);
        for (var i = 0; i < 10; i++)
            await feeder.AppendAsync(0, [SpecEvent.Of("m", afterTicks: i * 10)]);
        await Store.ExpireAsync(new ExpireRequest(StoredDay.Of(TestEvents.ReceivedAt), 3), CancellationToken.None);
        await feeder.AppendAsync(0, [SpecEvent.Of("m", afterTicks: 150), SpecEvent.Of("m", afterTicks: 151)]);
        var kept = await Store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending });

        var histogram = await Store.HistogramAsync(new LogQueryPlan(), 5, CancellationToken.None);

        Assert.NotEmpty(kept);
        Assert.Equal(EventRecord.Read(kept[0].Record.Span).TimestampTicks, histogram.Buckets[0].From.Ticks);
        Assert.Equal(EventRecord.Read(kept[^1].Record.Span).TimestampTicks + 1, histogram.Buckets[^1].To.Ticks);
    }
}
