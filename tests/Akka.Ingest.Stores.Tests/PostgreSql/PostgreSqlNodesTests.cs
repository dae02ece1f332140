namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>Several nodes, each with a store of its own, on one database.</summary>
public sealed class PostgreSqlNodesTests : IAsyncLifetime
{
    private PostgreSqlTestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgreSqlTestDatabase.CreateAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_schema_once()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => _database.Store()).ToArray();

        await Task.WhenAll(stores.Select(store => Task.Run(() => store.InitializeAsync(CancellationToken.None))));

        Assert.Equal(2L, await _database.RunAsync("SELECT count(*) FROM SchemaVersions"));
        foreach (var store in stores)
        {
            await new StoreFeeder(store).AppendAsync(0, [SpecEvent.Of("a")]);
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nodes_that_write_the_same_new_day_make_its_table_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _database.OpenStoreAsync()));
        var days = Enumerable.Range(1, 8).Select(day => TestEvents.ReceivedAt.AddDays(-day)).ToArray();

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            var feeder = new StoreFeeder(store);
            foreach (var day in days)
                await feeder.AppendAsync(0, [SpecEvent.Of("a")], receivedAt: day);
        })));

        Assert.Equal(days.Reverse().Select(StoredDay.Of), (await stores[0].ReadDaysAsync(CancellationToken.None)).Select(day => day.Day));
        Assert.Equal(32, await stores[1].CountAsync(new LogQueryPlan(), CancellationToken.None));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Two_nodes_that_believe_they_own_a_partition_write_each_event_once()
    {
        await using var one = await _database.OpenStoreAsync();
        await using var other = await _database.OpenStoreAsync();
        var spool = Guid.NewGuid();

        async Task<int> RaceAsync(ILogStore store)
        {
            var feeder = new StoreFeeder(store) { SpoolId = spool };
            var appended = 0;
            for (var i = 0; i < 40; i++)
            {
                var batch = feeder.Batch(0, [SpecEvent.Of($"{i}-0"), SpecEvent.Of($"{i}-1")]);
                appended += await store.AppendAsync(batch, CancellationToken.None) switch
                {
                    StoreAppendResult.Appended => 1,
                    StoreAppendResult.OffsetMismatch => 0,
                    var wrong => throw new InvalidOperationException(wrong.ToString()),
                };
                feeder.MoveTo(0, batch.Next);
            }

            return appended;
        }

        // Both go through the same batches; the slower one finds them written.
        var won = await Task.WhenAll(Task.Run(() => RaceAsync(one)), Task.Run(() => RaceAsync(other)));

        Assert.Equal(40, won.Sum());
        var messages = (await one.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Received })).Select(PostgreSqlTestDatabase.MessageOf);
        Assert.Equal(Enumerable.Range(0, 40).SelectMany(i => new[] { $"{i}-0", $"{i}-1" }), messages);
    }

    [Fact]
    public async Task A_follower_misses_nothing_of_what_several_nodes_write_at_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _database.OpenStoreAsync()));
        var writing = stores.SelectMany(store => Enumerable.Range(0, 2).Select(partition => Task.Run(async () =>
        {
            var feeder = new StoreFeeder(store);
            for (var i = 0; i < 40; i++)
                await feeder.AppendAsync(partition, [.. Enumerable.Range(0, 1 + (i * 7 % 30)).Select(n => SpecEvent.Of($"{i}-{n}", afterTicks: -i))]);
            return feeder.Fed.Select(fed => fed.Id).ToArray();
        }))).ToArray();
        var all = Task.WhenAll(writing);

        var seen = new List<EventId>();
        var after = (string?)null;
        for (var quiet = 0; quiet < 2;)
        {
            var isDone = all.IsCompleted;
            var page = await stores[0].PageAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 50, After = after });
            seen.AddRange(page.Events.Select(item => item.Id));
            after = page.Events.Count > 0 ? page.Events[^1].Id.ToString() : after;
            quiet = isDone && page.Events.Count == 0 ? quiet + 1 : 0;
        }

        var written = (await all).SelectMany(ids => ids).ToArray();
        Assert.Equal(written.Length, seen.Count);
        Assert.Equal(written.ToHashSet(), seen.ToHashSet());
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Events_of_one_time_from_several_spools_come_in_the_order_of_their_id_texts()
    {
        await using var store = await _database.OpenStoreAsync();
        var fed = new List<EventId>();
        foreach (var spool in new[] { "ff000000-0000-4000-8000-000000000000", "00ff0000-0000-4000-8000-000000000000", "80000000-0000-4000-8000-0000000000ff" })
        {
            var feeder = new StoreFeeder(store) { SpoolId = Guid.Parse(spool) };
            await feeder.AppendAsync(1, [SpecEvent.Of("a"), SpecEvent.Of("b")]);
            await feeder.AppendAsync(0, [SpecEvent.Of("c")]);
            fed.AddRange(feeder.Fed.Select(item => item.Id));
        }

        var ascending = fed.OrderBy(id => id.ToString(), StringComparer.Ordinal).ToArray();
        foreach (var limit in new[] { 1, 2, 100 })
        {
            Assert.Equal(ascending, (await store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Ascending, Limit = limit })).Select(item => item.Id));
            Assert.Equal(ascending.Reverse(), (await store.AllPagesAsync(new LogQueryRequest { Limit = limit })).Select(item => item.Id));
        }
    }
}
