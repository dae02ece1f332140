namespace Akka.Ingest.Stores.Tests.Sqlite;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.Sqlite;
using Akka.Ingest.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class SqliteSchemaTests : IDisposable
{
    private static readonly int Current = SqliteSchema.Migrations.Count;
    private static readonly SqliteMigration Next = new(Current + 1, "made up: a note for each event", "ALTER TABLE Events ADD COLUMN note TEXT DEFAULT 'none'");
    private static readonly SqliteMigration Broken = new(Current + 2, "made up: fails half way", "CREATE TABLE Half (x); INSERT INTO Nowhere VALUES (1)");

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "events.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_of_version_1_opens_with_its_events()
    {
        Restore("version-1.sql");
        await using var store = Create();
        await store.InitializeAsync(CancellationToken.None);

        var spool = new Guid("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
        var page = await store.PageAsync(new LogQueryRequest { Order = LogOrder.Ascending });
        Assert.Equal([new EventId(spool, 0, 0), new EventId(spool, 0, 1), new EventId(spool, 5, 7)], page.Events.Select(item => item.Id));
        Assert.Equal(new StoredPosition(new SpoolOffset(3, 1), 8, ulong.MaxValue - 4), await store.ReadPositionAsync(spool, 5, CancellationToken.None));
        Assert.Equal("""{"n":1.50,"big":12345678901234567890}""", Properties(page.Events[1]));
    }

    [Fact]
    public async Task A_database_of_version_1_is_brought_forward_with_its_events()
    {
        Restore("version-1.sql");
        await using (var store = Create([.. SqliteSchema.Migrations, Next]))
        {
            await store.InitializeAsync(CancellationToken.None);
            Assert.Equal(3, await store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        }

        Assert.Equal(Current + 1L, Scalar("SELECT max(version) FROM SchemaVersions"));
        Assert.Equal(3L, Scalar("SELECT count(*) FROM Events WHERE note = 'none'"));
    }

    [Fact]
    public async Task A_database_of_version_1_gets_its_days_and_counts_from_its_events()
    {
        Restore("version-1.sql");
        await using var store = Create();
        await store.InitializeAsync(CancellationToken.None);

        var spool = new Guid("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
        var day = Assert.Single(await store.ReadDaysAsync(CancellationToken.None));
        Assert.Equal((new DateOnly(2026, 11, 24), 3L), (day.Day, day.Events));
        var events = (await store.PageAsync(new LogQueryRequest { Order = LogOrder.Ascending })).Events;
        Assert.Equal(EventRecord.Read(events[0].Record.Span).TimestampTicks, day.LowestTimestamp);
        Assert.Equal(EventRecord.Read(events[^1].Record.Span).TimestampTicks, day.HighestTimestamp);
        Assert.Equal(
            events.GroupBy(item => item.ApiKeyId).Select(group => new StoredCounts(spool, group.Key, group.Count(), 0)).OrderBy(row => row.ApiKeyId, StringComparer.Ordinal),
            (await store.ReadCountsAsync(CancellationToken.None)).OrderBy(row => row.ApiKeyId, StringComparer.Ordinal));

        Assert.Equal(new ExpiredEvents(3, 0, true), await store.ExpireAsync(new ExpireRequest(day.Day), CancellationToken.None) with { Bytes = 0 });
        Assert.Equal(0L, Scalar("SELECT count(*) FROM Events"));
    }

    [Fact]
    public async Task Opening_again_changes_nothing()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var store = Create();
            await store.InitializeAsync(CancellationToken.None);
            await store.InitializeAsync(CancellationToken.None);
        }

        Assert.Equal((long)Current, Scalar("SELECT count(*) FROM SchemaVersions"));
    }

    [Fact]
    public async Task A_newer_database_is_refused_with_both_versions_named_and_left_alone()
    {
        await using (var newer = Create([.. SqliteSchema.Migrations, Next]))
            await newer.InitializeAsync(CancellationToken.None);
        await using var store = Create();

        var refusal = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Contains($"schema version {Current + 1}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {Current}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(StoreFailureKind.Permanent, refusal.Failure.Kind);
        Assert.Equal(Current + 1L, Scalar("SELECT max(version) FROM SchemaVersions"));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_database_as_it_was()
    {
        await using (var first = Create())
            await first.InitializeAsync(CancellationToken.None);
        await using var store = Create([.. SqliteSchema.Migrations, Next, Broken]);

        await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal((long)Current, Scalar("SELECT max(version) FROM SchemaVersions"));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'Half'"));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM pragma_table_info('Events') WHERE name = 'note'"));
    }

    [Fact]
    public void Versions_are_numbered_without_a_gap()
    {
        Assert.Equal(Enumerable.Range(1, SqliteSchema.Migrations.Count), SqliteSchema.Migrations.Select(step => step.Version));
    }

    private SqliteLogStore Create(IReadOnlyList<SqliteMigration>? migrations = null) =>
        new(new SqliteStoreSettings(File), TimeProvider.System, NullLogger<SqliteLogStore>.Instance, migrations);

    private void Restore(string script)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sqlite", script));
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

    private static string Properties(StoredEvent stored) =>
        System.Text.Encoding.UTF8.GetString(EventRecord.Read(stored.Record.Span)[EventField.Properties]);
}
