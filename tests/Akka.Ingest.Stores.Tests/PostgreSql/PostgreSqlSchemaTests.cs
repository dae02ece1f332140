namespace Akka.Ingest.Stores.Tests.PostgreSql;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class PostgreSqlSchemaTests : IAsyncLifetime
{
    private static readonly SqlMigration Second = new(3, "made up: a note for each event", "ALTER TABLE events ADD COLUMN note text DEFAULT 'none'");
    private static readonly SqlMigration Broken = new(4, "made up: fails half way", "CREATE TABLE half (x int); INSERT INTO nowhere VALUES (1)");
    private static readonly Guid Spool = new("0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10");
    private PostgreSqlTestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgreSqlTestDatabase.CreateAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_database_of_version_1_opens_with_its_events()
    {
        await RestoreAsync();
        await using var store = Store();
        await store.InitializeAsync(CancellationToken.None);

        var page = await store.PageAsync(new LogQueryRequest { Order = LogOrder.Ascending });

        Assert.Equal([new EventId(Spool, 3, 0), new EventId(Spool, 0, 0), new EventId(Spool, 0, 1)], page.Events.Select(item => item.Id));
        Assert.Equal("""{"n":1.50,"größe":"ü"}""", Encoding.UTF8.GetString(EventRecord.Read(page.Events[1].Record.Span)[EventField.Properties]));
        Assert.Equal(new StoredPosition(new SpoolOffset(1, 2), 2, 0xFEDC_BA98_7654_3210), await store.ReadPositionAsync(Spool, 0, CancellationToken.None));
        Assert.Equal([("", 1), ("key-1", 2)], (await store.ReadCountsAsync(CancellationToken.None)).Select(count => (count.ApiKeyId, count.Stored)));
        Assert.Equal(3, (await store.PageAsync(new LogQueryRequest { Order = LogOrder.Received })).Events.Count);
    }

    [Fact]
    public async Task A_database_of_version_1_is_brought_forward_with_its_events_and_goes_on()
    {
        await RestoreAsync();
        await using var store = Store([.. PostgreSqlSchema.Migrations, Second]);
        await store.InitializeAsync(CancellationToken.None);

        await new StoreFeeder(store).AppendAsync(0, [SpecEvent.Of("new")]);

        Assert.Equal(4, await store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Equal(3, await _database.RunAsync("SELECT max(version) FROM SchemaVersions"));
        Assert.Equal(4L, await _database.RunAsync("SELECT count(*) FROM events WHERE note = 'none'"));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_bring_it_forward_once()
    {
        await RestoreAsync();
        var stores = Enumerable.Range(0, 5).Select(_ => Store([.. PostgreSqlSchema.Migrations, Second])).ToArray();

        await Task.WhenAll(stores.Select(store => Task.Run(() => store.InitializeAsync(CancellationToken.None))));

        Assert.Equal(3L, await _database.RunAsync("SELECT count(*) FROM SchemaVersions"));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Opening_again_changes_nothing()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var store = Store();
            await store.InitializeAsync(CancellationToken.None);
            await store.InitializeAsync(CancellationToken.None);
        }

        Assert.Equal(2L, await _database.RunAsync("SELECT count(*) FROM SchemaVersions"));
    }

    [Fact]
    public async Task A_newer_database_is_refused_with_both_versions_named_and_left_alone()
    {
        await using (var newer = Store([.. PostgreSqlSchema.Migrations, Second]))
            await newer.InitializeAsync(CancellationToken.None);
        await using var store = Store();

        var refusal = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Contains("schema version 3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("up to 2", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(StoreFailureKind.Permanent, refusal.Failure.Kind);
        Assert.Equal(3, await _database.RunAsync("SELECT max(version) FROM SchemaVersions"));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_database_as_it_was()
    {
        await using (var first = Store())
            await first.InitializeAsync(CancellationToken.None);
        await using var store = Store([.. PostgreSqlSchema.Migrations, Second, Broken]);

        await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(2, await _database.RunAsync("SELECT max(version) FROM SchemaVersions"));
        Assert.Equal(0L, await _database.RunAsync("SELECT count(*) FROM pg_class WHERE relname = 'half'"));
        Assert.Equal(0L, await _database.RunAsync("SELECT count(*) FROM pg_attribute WHERE attname = 'note'"));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Password=secret-word;Nonsense=1")]
    [InlineData("secret-word")]
    public async Task A_connection_string_that_is_none_is_refused_without_being_quoted(string connectionString)
    {
        await using var store = new PostgreSqlLogStore(new PostgreSqlStoreSettings(connectionString), TimeProvider.System, NullLogger<PostgreSqlLogStore>.Instance);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(StoreFailureKind.Permanent, refusal.Failure.Kind);
        Assert.DoesNotContain("secret-word", refusal.ToString(), StringComparison.Ordinal);
    }

    private PostgreSqlLogStore Store(IReadOnlyList<SqlMigration>? migrations = null) =>
        new(new PostgreSqlStoreSettings(_database.ConnectionString), TimeProvider.System, NullLogger<PostgreSqlLogStore>.Instance, migrations);

    private async Task RestoreAsync() =>
        await _database.RunAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "PostgreSql", "version-1.sql")));
}
