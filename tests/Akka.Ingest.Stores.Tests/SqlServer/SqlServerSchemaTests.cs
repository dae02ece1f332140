namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Hosting;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>Opening, migrating and the writer's lease on a real server.</summary>
[NeedsServer(TestServer.Variable)]
public sealed class SqlServerSchemaTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private static readonly SqlMigration Next = new(3, "made up: a note for each event", "ALTER TABLE dbo.Events ADD note varchar(10) NOT NULL CONSTRAINT DF_Events_note DEFAULT 'none'");
    private static readonly SqlMigration Broken = new(4, "made up: fails half way", "CREATE TABLE dbo.Half (x int); INSERT INTO dbo.Nowhere VALUES (1)");

    public Task InitializeAsync() => server.CleanAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_database_of_version_1_is_brought_forward_with_its_events()
    {
        var first = Create([SqlServerSchema.Migrations[0]]);
        await first.InitializeAsync(CancellationToken.None);
        var feeder = new StoreFeeder(first);
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")]);
        await first.DisposeAsync();

        await using var store = Create([.. SqlServerSchema.Migrations, Next]);
        await store.InitializeAsync(CancellationToken.None);

        Assert.Equal(3, await server.ScalarAsync("SELECT MAX(version) FROM dbo.SchemaVersions"));
        Assert.Equal(2, await server.ScalarAsync("SELECT COUNT(*) FROM dbo.Events WHERE note = 'none'"));
        Assert.Equal(2, (await store.PageAsync(new LogQueryRequest())).Events.Count);
        Assert.Equal(feeder.Position(0), await store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
    }

    [Fact]
    public async Task A_newer_database_is_refused_with_both_versions_named_and_left_alone()
    {
        await using (var newer = Create([.. SqlServerSchema.Migrations, Next]))
            await newer.InitializeAsync(CancellationToken.None);
        await using var store = Create();

        var refusal = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Contains("schema version 3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("up to 2", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(StoreFailureKind.Permanent, refusal.Failure.Kind);
        Assert.Equal(3, await server.ScalarAsync("SELECT MAX(version) FROM dbo.SchemaVersions"));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_database_as_it_was()
    {
        await using (var first = Create())
            await first.InitializeAsync(CancellationToken.None);
        await using var store = Create([.. SqlServerSchema.Migrations, Next, Broken]);

        await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(2, await server.ScalarAsync("SELECT MAX(version) FROM dbo.SchemaVersions"));
        Assert.Equal(0, await server.ScalarAsync("SELECT COUNT(*) FROM sys.tables WHERE name = 'Half'"));
        Assert.Equal(0, await server.ScalarAsync("SELECT COUNT(*) FROM sys.columns WHERE name = 'note'"));
    }

    [Fact]
    public async Task Many_processes_may_start_at_once_on_an_empty_database()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => Create()).ToArray();
        await Task.WhenAll(stores.Select(store => store.InitializeAsync(CancellationToken.None)));

        Assert.Equal(2, await server.ScalarAsync("SELECT COUNT(*) FROM dbo.SchemaVersions"));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task A_database_that_delays_durability_is_refused()
    {
        await server.SetAsync("DELAYED_DURABILITY = FORCED");
        try
        {
            await using var store = Create();
            var refusal = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

            Assert.Equal((StoreFailureKind.Permanent, "sqlserver:delayed-durability"), (refusal.Failure.Kind, refusal.Failure.Code));
        }
        finally
        {
            await server.SetAsync("DELAYED_DURABILITY = DISABLED");
        }
    }

    [Fact]
    public async Task A_second_single_writer_is_refused_by_name_and_takes_over_once_the_first_is_gone()
    {
        var first = Create(isSingleWriter: true);
        await first.InitializeAsync(CancellationToken.None);
        await using var second = Create(isSingleWriter: true);

        var refusal = await Assert.ThrowsAsync<LeaseHeldException>(() => second.InitializeAsync(CancellationToken.None));
        Assert.Contains($"process {Environment.ProcessId} on host {Environment.MachineName}", refusal.Message, StringComparison.Ordinal);

        await server.KillStoreSessionsAsync();
        await second.InitializeAsync(CancellationToken.None);
        var failure = Assert.IsType<StoreAppendResult.Failed>(
            await first.AppendAsync(new StoreFeeder(first).Batch(0, [SpecEvent.Of("too late")]), CancellationToken.None)).Failure;
        Assert.Equal((StoreFailureKind.Transient, "sqlserver:lease-held"), (failure.Kind, failure.Code));
        await new StoreFeeder(second).AppendAsync(0, [SpecEvent.Of("mine")]);
        await first.DisposeAsync();
    }

    private SqlServerLogStore Create(IReadOnlyList<SqlMigration>? migrations = null, bool isSingleWriter = false) => new(
        new SqlServerStoreSettings(server.ConnectionString) { IsSingleWriter = isSingleWriter }, TimeProvider.System, NullLogger<SqlServerLogStore>.Instance, migrations);
}
