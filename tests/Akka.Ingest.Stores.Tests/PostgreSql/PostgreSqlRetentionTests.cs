namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Npgsql;
using Xunit;

public sealed class PostgreSqlRetentionTests : IAsyncLifetime
{
    private static readonly DateTime Older = TestEvents.ReceivedAt.AddDays(-2);
    private static readonly DateTime Old = TestEvents.ReceivedAt.AddDays(-1);
    private PostgreSqlTestDatabase _database = null!;
    private PostgreSqlLogStore _store = null!;
    private StoreFeeder _feeder = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgreSqlTestDatabase.CreateAsync();
        _store = await _database.OpenStoreAsync();
        _feeder = new StoreFeeder(_store);
        await _feeder.AppendAsync(0, [SpecEvent.Of("1"), SpecEvent.Of("2", afterTicks: -5)], "key-a", Older);
        await _feeder.AppendAsync(1, [SpecEvent.Of("3", afterTicks: 7)], "", Older);
        await _feeder.AppendAsync(0, [SpecEvent.Of("4"), SpecEvent.Of("5"), SpecEvent.Of("6")], "key-a", Old);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Days_tell_what_they_hold()
    {
        var days = await _store.ReadDaysAsync(CancellationToken.None);

        var at = TestEvents.ReceivedAt.Ticks;
        Assert.Equal([(StoredDay.Of(Older), 3, at - 5, at + 7), (StoredDay.Of(Old), 3, at, at)], days.Select(day => (day.Day, day.Events, day.LowestTimestamp, day.HighestTimestamp)));
        Assert.All(days, day => Assert.True(day.Bytes > 0));
    }

    /// <summary>Retention by size goes by these bytes; a table that stays as long as it was would be emptied by it, run by run.</summary>
    [Fact]
    public async Task What_a_day_takes_falls_with_what_is_removed_from_it()
    {
        var before = (await _store.ReadDaysAsync(CancellationToken.None))[0];

        await _store.ExpireAsync(new ExpireRequest(before.Day, 2), CancellationToken.None);

        var after = (await _store.ReadDaysAsync(CancellationToken.None))[0];
        Assert.Equal((before.Day, before.Events - 2), (after.Day, after.Events));
        Assert.InRange(after.Bytes, 1, before.Bytes / 2);
    }

    [Fact]
    public async Task A_whole_day_goes_with_its_table_and_enters_the_counts()
    {
        var expired = await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None);

        Assert.True(expired is { Events: 3, IsComplete: true, Bytes: > 0 });
        Assert.Equal(["4", "5", "6"], await ReceivedAsync());
        Assert.Equal(0L, await _database.RunAsync("SELECT count(*) FROM pg_class WHERE relname LIKE 'events_20261122%'"));
        Assert.Equal(
            [("", 0, 1), ("key-a", 3, 2)], (await _store.ReadCountsAsync(CancellationToken.None)).Select(count => (count.ApiKeyId, count.Stored, count.Expired)));
        Assert.Equal(StoredDay.Of(Old), Assert.Single(await _store.ReadDaysAsync(CancellationToken.None)).Day);
        Assert.Null(await _store.FindAsync(_feeder.Fed[0].Id, CancellationToken.None));
        Assert.Equal(_feeder.Position(0), await _store.ReadPositionAsync(_feeder.SpoolId, 0, CancellationToken.None));
        Assert.Equal(new ExpiredEvents(0, 0, IsComplete: true), await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None));
    }

    [Fact]
    public async Task A_part_of_a_day_goes_in_order_of_arrival()
    {
        Assert.Equal(1, (await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older), 1), CancellationToken.None)).Events);
        Assert.Equal(["2", "3", "4", "5", "6"], await ReceivedAsync());
        Assert.Equal("2", PostgreSqlTestDatabase.MessageOf((await _store.FindAsync(_feeder.Fed[1].Id, CancellationToken.None))!));

        var second = await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older), 1), CancellationToken.None);

        Assert.True(second is { Events: 1, IsComplete: true });
        Assert.Equal(["3", "4", "5", "6"], await ReceivedAsync());
        var day = (await _store.ReadDaysAsync(CancellationToken.None))[0];
        Assert.Equal((1, TestEvents.ReceivedAt.Ticks + 7, TestEvents.ReceivedAt.Ticks + 7), (day.Events, day.LowestTimestamp, day.HighestTimestamp));
        Assert.Equal(
            [("", 1, 0), ("key-a", 3, 2)], (await _store.ReadCountsAsync(CancellationToken.None)).Select(count => (count.ApiKeyId, count.Stored, count.Expired)));
        Assert.Equal(4, await _store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task A_follower_goes_on_past_what_expired()
    {
        var first = await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 1 });
        await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None);

        var rest = await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Cursor = first.NextCursor });

        Assert.Equal(["4", "5", "6"], rest.Events.Select(PostgreSqlTestDatabase.MessageOf));
    }

    [Fact]
    public async Task A_large_part_goes_in_steps()
    {
        for (var i = 0; i < 3; i++)
            await _feeder.AppendAsync(2, [.. Enumerable.Range(0, 3_000).Select(n => SpecEvent.Of($"{n}"))], receivedAt: Old);

        long removed = 0;
        var steps = 0;
        for (var isComplete = false; !isComplete; steps++)
        {
            var step = await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Old), 8_000 - removed), CancellationToken.None);
            removed += step.Events;
            isComplete = step.IsComplete;
        }

        Assert.Equal((8_000, 2), (removed, steps));
        Assert.Equal(3 + 9_003 - 8_000, await _store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Equal(["1", "2", "3", "1997"], (await ReceivedAsync()).Take(4));
    }

    [Fact]
    public async Task A_drop_steps_aside_for_whoever_uses_the_day()
    {
        await using (var other = await _database.ConnectAsync())
        await using (await other.BeginTransactionAsync())
        {
            await using var read = new NpgsqlCommand("SELECT count(*) FROM events", other);
            await read.ExecuteScalarAsync();

            Assert.Equal(new ExpiredEvents(0, 0, IsComplete: false), await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None));
            await _feeder.AppendAsync(0, [SpecEvent.Of("7")], receivedAt: Older);
        }

        Assert.Equal(4, (await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None)).Events);
    }

    [Fact]
    public async Task A_day_that_another_node_dropped_is_made_again_for_a_late_event()
    {
        await using var other = await _database.OpenStoreAsync();
        await other.ExpireAsync(new ExpireRequest(StoredDay.Of(Older)), CancellationToken.None);

        await _feeder.AppendAsync(0, [SpecEvent.Of("late")], receivedAt: Older);

        Assert.Equal(["4", "5", "6", "late"], await ReceivedAsync());
    }

    [Fact]
    public async Task The_health_report_counts_tables_indexes_and_dead_rows()
    {
        await _feeder.AppendAsync(2, [.. Enumerable.Range(0, 20_000).Select(n => SpecEvent.Of($"{n}", """{"n":1}"""))], receivedAt: Old);
        await _database.RunAsync("DELETE FROM events WHERE id % 2 = 0; SELECT pg_stat_force_next_flush(); ANALYZE");

        var health = await _store.ReadHealthAsync(CancellationToken.None);

        Assert.Equal((2, 20_006), (health.SchemaVersion, health.Events));
        Assert.Equal(health.Bytes, health.Parts.Sum(part => part.Bytes));
        Assert.Equal(20_003, Assert.Single(health.Parts, part => part.Name == "events_20261123").Events);
        Assert.Contains(health.Parts, part => part is { Kind: "index", Bytes: > 100_000 });
        Assert.InRange(health.FragmentationPercent, 40, 60);
        Assert.InRange(health.TableBloatPercent, 30, 70);
        Assert.InRange(health.IndexBloatPercent, 10, 70);
        Assert.All(await _store.Indexes.DescribeAsync(CancellationToken.None), index => Assert.NotNull(index.SizeBytes));
    }

    private async Task<List<string>> ReceivedAsync() =>
        [.. (await _store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Received })).Select(PostgreSqlTestDatabase.MessageOf)];
}
