namespace Akka.Ingest.Stores.Tests.Sqlite;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.Sqlite;
using Akka.Ingest.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class SqliteRetentionTests : IAsyncLifetime
{
    private static readonly DateTime Day = TestEvents.ReceivedAt;
    private readonly TemporaryFolder _folder = new();
    private SqliteLogStore _store = null!;

    private string File => Path.Combine(_folder.Path, "events.db");

    public async Task InitializeAsync()
    {
        _store = new SqliteLogStore(
            new SqliteStoreSettings(File) { MaxFreeBytes = 64 * 1024, CheckpointBytes = 512 * 1024, MaxWalBytes = 1024 * 1024 }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance);
        await _store.InitializeAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_file_shrinks_and_the_log_stays_small_while_a_day_expires()
    {
        var feeder = new StoreFeeder(_store);
        await FillAsync(feeder, 20_000, Day.AddDays(-1));
        await FillAsync(feeder, 1_000, Day);
        var full = await _store.ReadHealthAsync(CancellationToken.None);

        var steps = 0;
        for (var isComplete = false; !isComplete; steps++)
        {
            isComplete = (await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day.AddDays(-1))), CancellationToken.None)).IsComplete;
            Assert.InRange(new FileInfo(File + "-wal").Length, 0, 4 * 1024 * 1024);
        }

        await _store.DisposeAsync();
        Assert.True(steps >= 10, "A day of 20,000 events should go in steps of 2,000 at most.");
        Assert.InRange(new FileInfo(File).Length, 1, full.Bytes / 4);
        Assert.Equal(1_000L, Scalar("SELECT count(*) FROM Events"));
        Assert.Equal("ok", Scalar("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Runs_are_forgotten_once_their_last_event_is_gone()
    {
        var feeder = new StoreFeeder(_store);
        for (var round = 0; round < 10; round++)
            await feeder.AppendAsync(round % 2, [SpecEvent.Of("a"), SpecEvent.Of("b")], receivedAt: round < 5 ? Day.AddDays(-1) : Day);
        Assert.Equal(10L, Scalar("SELECT count(*) FROM Appends"));

        await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day.AddDays(-1)), 3), CancellationToken.None);
        Assert.Equal(9L, Scalar("SELECT count(*) FROM Appends"));
        await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day.AddDays(-1))), CancellationToken.None);

        Assert.Equal(5L, Scalar("SELECT count(*) FROM Appends"));
    }

    [Fact]
    public async Task A_removal_that_cannot_be_counted_removes_nothing()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")]);
        Execute("CREATE TRIGGER Refuse BEFORE INSERT ON ExpiredCounts BEGIN SELECT raise(ABORT, 'no'); END");

        await Assert.ThrowsAsync<StoreException>(() => _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day)), CancellationToken.None));

        Assert.Equal(2, await _store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Execute("DROP TRIGGER Refuse");
        Assert.Equal(2, (await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day)), CancellationToken.None)).Events);
        await feeder.AppendAsync(0, [SpecEvent.Of("c")]);
    }

    [Fact]
    public async Task A_database_that_is_locked_fails_the_step_and_not_the_writer()
    {
        await using var store = new SqliteLogStore(
            new SqliteStoreSettings(File) { BusyTimeout = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance);
        await store.InitializeAsync(CancellationToken.None);
        var feeder = new StoreFeeder(store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
        using (var other = Connect())
        {
            using var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            var failed = await Assert.ThrowsAsync<StoreException>(() => store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day)), CancellationToken.None));
            Assert.Equal(StoreFailureKind.Transient, failed.Failure.Kind);
        }

        Assert.Equal(1, (await store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day)), CancellationToken.None)).Events);
        await feeder.AppendAsync(0, [SpecEvent.Of("b")]);
    }

    [Theory]
    [InlineData("UPDATE Events SET message = 'altered' WHERE arrival = 2")]
    [InlineData("UPDATE Events SET id = id + 7 WHERE arrival = 2")]
    [InlineData("UPDATE Events SET received = 0 WHERE arrival = 2")]
    [InlineData("UPDATE Events SET properties = '{\"n' WHERE arrival = 2")]
    public async Task Damage_names_exactly_the_event_that_is_lost(string change)
    {
        var feeder = new StoreFeeder(_store);
        var fed = await feeder.AppendAsync(1, [.. Enumerable.Range(0, 3).Select(i => SpecEvent.Of($"{i}", """{"n":1}"""))]);
        Execute(change);
        Assert.Equal(2, (await _store.PageAsync(new LogQueryRequest())).Events.Count);
        await _store.PageAsync(new LogQueryRequest { Filter = "properties.n = 1" });

        var damage = Assert.Single((await _store.ReadHealthAsync(CancellationToken.None)).Damage);

        Assert.Equal([new EventIdRange(feeder.SpoolId, 1, fed[1].Id.Ordinal, 1)], damage.Events);
        Assert.Contains("arrival 2", damage.Where, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_whose_day_was_altered_is_in_the_ledger_as_expired_with_its_day()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b"), SpecEvent.Of("c")], "key-1");
        Execute("UPDATE Events SET received = received + 864000000000 WHERE arrival = 2");

        await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day)), CancellationToken.None);

        Assert.Equal([new StoredCounts(feeder.SpoolId, "key-1", 0, 3)], await _store.ReadCountsAsync(CancellationToken.None));
        Assert.Empty(await _store.ReadDaysAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Damage_that_expired_or_was_put_right_is_forgotten()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")], receivedAt: Day.AddDays(-1));
        await feeder.AppendAsync(0, [SpecEvent.Of("c")]);
        Execute("UPDATE Events SET message = message || '!' WHERE arrival > 1");
        Assert.Single((await _store.PageAsync(new LogQueryRequest())).Events);
        Assert.Equal(2, (await _store.ReadHealthAsync(CancellationToken.None)).Damage.Count);

        await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(Day.AddDays(-1))), CancellationToken.None);
        Assert.Single((await _store.ReadHealthAsync(CancellationToken.None)).Damage);
        Execute("UPDATE Events SET message = 'c'");

        Assert.Empty((await _store.ReadHealthAsync(CancellationToken.None)).Damage);
    }

    private static async Task FillAsync(StoreFeeder feeder, int events, DateTime receivedAt)
    {
        for (var written = 0; written < events; written += 1_000)
        {
            await feeder.AppendAsync(
                0, [.. Enumerable.Range(written, 1_000).Select(i => SpecEvent.Of($"event {i} {new string('.', 200)}", afterTicks: i))], receivedAt: receivedAt);
        }
    }

    private void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }
}
