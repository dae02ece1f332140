namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>The whole contract on a real server.</summary>
[NeedsServer(TestServer.Variable)]
public sealed class SqlServerLogStoreTests(TestServer server) : LogStoreSpec, IClassFixture<TestServer>
{
    protected override ILogStore CreateStore() => Create();

    public override async Task InitializeAsync()
    {
        await server.CleanAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task A_session_ended_before_the_commit_leaves_nothing_and_the_write_succeeds_later()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("before")]);
        await using var holder = await server.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = holder.CreateCommand())
        {
            // The append stops at the last step before its commit.
            hold.Transaction = (Microsoft.Data.SqlClient.SqlTransaction)transaction;
            hold.CommandText = "UPDATE dbo.Counters SET value = value";
            await hold.ExecuteNonQueryAsync();
        }

        var append = Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("once")]), CancellationToken.None);
        while (!append.IsCompleted && (int)(await server.ScalarAsync("SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0 AND database_id = DB_ID()"))! == 0)
            await Task.Yield();
        Assert.NotEqual(0, await server.KillStoreSessionsAsync());

        Assert.Equal(StoreFailureKind.Transient, Assert.IsType<StoreAppendResult.Failed>(await append).Failure.Kind);
        await transaction.RollbackAsync();
        Assert.Equal(1, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        await feeder.AppendAsync(0, [SpecEvent.Of("once")]);
        Assert.Equal(2, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task A_session_ended_after_the_commit_changes_nothing_and_a_repeat_is_told()
    {
        var feeder = new StoreFeeder(Store);
        var batch = feeder.Batch(0, [SpecEvent.Of("once")]);
        Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(batch, CancellationToken.None));
        await server.KillStoreSessionsAsync();

        // The first may still meet the broken connection.
        var repeated = await Store.AppendAsync(batch, CancellationToken.None);
        if (repeated is StoreAppendResult.Failed)
            repeated = await Store.AppendAsync(batch, CancellationToken.None);

        Assert.Equal(batch.Next, Assert.IsType<StoreAppendResult.OffsetMismatch>(repeated).Actual);
        Assert.Equal(["once"], await MessagesAsync(new LogQueryRequest()));
    }

    [Fact]
    public async Task A_violated_constraint_is_a_permanent_failure_and_leaves_nothing()
    {
        await server.RunAsync("ALTER TABLE dbo.Counts ADD CONSTRAINT Refuse CHECK (api_key <> 0x706F69736F6E)");
        var feeder = new StoreFeeder(Store);

        var result = await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")], "poison"), CancellationToken.None);

        var failure = Assert.IsType<StoreAppendResult.Failed>(result).Failure;
        Assert.Equal((StoreFailureKind.Permanent, "sqlserver:547"), (failure.Kind, failure.Code));
        Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Null(await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        await feeder.AppendAsync(0, [SpecEvent.Of("a")], "good");
    }

    [Fact]
    public async Task A_missing_table_is_transient_for_it_says_nothing_about_the_data()
    {
        await server.RunAsync("EXECUTE sp_rename 'dbo.Appends', 'Gone'");
        var feeder = new StoreFeeder(Store);

        Assert.Equal(
            StoreFailureKind.Transient,
            Assert.IsType<StoreAppendResult.Failed>(await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None)).Failure.Kind);

        await server.RunAsync("EXECUTE sp_rename 'dbo.Gone', 'Appends'");
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Theory]
    [InlineData("record = CAST('x' AS varbinary(max)) + record")]
    [InlineData("level = 5")]
    [InlineData("received = received + 1")]
    [InlineData("api_key = 0x61")]
    [InlineData("event_time = event_time + 1")]
    [InlineData("checksum = checksum + 1")]
    public async Task An_altered_row_is_never_served_and_is_reported(string change)
    {
        var feeder = new StoreFeeder(Store);
        var fed = await feeder.AppendAsync(0, [SpecEvent.Of("first", "{}"), SpecEvent.Of("second", "{}")], "key-1");
        Assert.Equal(1, await server.RunAsync($"UPDATE dbo.Events SET {change} WHERE ordinal = 0"));

        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest()));
        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest { Order = LogOrder.Received }));
        Assert.Null(await Store.FindAsync(fed[0].Id, CancellationToken.None));
        var damage = Assert.Single((await Store.ReadHealthAsync(CancellationToken.None)).Damage);
        Assert.Equal(new EventIdRange(feeder.SpoolId, 0, 0, 1), Assert.Single(damage.Events));
    }

    [Fact]
    public async Task Two_processes_may_write_at_once_and_a_follower_misses_nothing()
    {
        await using var other = Create();
        await other.InitializeAsync(CancellationToken.None);
        var writing = Task.WhenAll(new[] { Store, other }.Select((store, at) => Task.Run(async () =>
        {
            var feeder = new StoreFeeder(store);
            for (var round = 0; round < 40; round++)
                await feeder.AppendAsync(at, [SpecEvent.Of($"{at}-{round}-a"), SpecEvent.Of($"{at}-{round}-b")]);
        })));
        var seen = new List<string?>();
        string? cursor = null;
        for (var isOver = false; !isOver;)
        {
            var isWritten = writing.IsCompleted;
            var page = await Store.PageAsync(new LogQueryRequest { Order = LogOrder.Received, Limit = 9, Cursor = cursor });
            seen.AddRange(page.Events.Select(MessageOf));
            cursor = page.FollowCursor;
            isOver = isWritten && page.Events.Count == 0;
        }

        await writing;
        Assert.Equal(160, seen.Distinct().Count());
        Assert.Equal(160, seen.Count);
    }

    [Fact]
    public async Task An_operator_reads_the_events_with_a_query_tool()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(2, [SpecEvent.Of("readable", afterTicks: 1_234_567)], "key-1");
        await feeder.AppendAsync(2, [SpecEvent.Of(new string('x', 300), afterTicks: 1_234_568)]);

        Assert.Equal(
            "2026-11-24 08:00:00.1234567 Information readable key-1",
            await server.ScalarAsync("SELECT CONVERT(varchar(27), timestamp, 121) + ' ' + level + ' ' + message + ' ' + api_key FROM dbo.EventsReadable WHERE ordinal = 0"));
        Assert.Equal(300L, await server.ScalarAsync("SELECT LEN(message) FROM dbo.EventsReadable WHERE ordinal = 1"));
    }

    private SqlServerLogStore Create() =>
        new(new SqlServerStoreSettings(server.ConnectionString) { ExpireStep = 90 }, TimeProvider.System, NullLogger<SqlServerLogStore>.Instance);
}

/// <summary>The contract once more, with the optional index.</summary>
[NeedsServer(TestServer.Variable)]
public sealed class SqlServerColumnstoreTests(TestServer server) : LogStoreSpec, IClassFixture<TestServer>
{
    protected override ILogStore CreateStore() => new SqlServerLogStore(
        new SqlServerStoreSettings(server.ConnectionString) { HasColumnstore = true }, TimeProvider.System, NullLogger<SqlServerLogStore>.Instance);

    public override async Task InitializeAsync()
    {
        await server.CleanAsync();
        await base.InitializeAsync();
    }
}
