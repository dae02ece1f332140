namespace Akka.Ingest.Stores.Tests.Sqlite;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.Sqlite;
using Akka.Ingest.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class SqliteLogStoreTests : LogStoreSpec
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "store", "events.db");

    protected override ILogStore CreateStore() =>
        new SqliteLogStore(new SqliteStoreSettings(File), TimeProvider.System, NullLogger<SqliteLogStore>.Instance);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_database_that_is_locked_is_a_transient_failure_and_the_write_succeeds_later()
    {
        await using var store = new SqliteLogStore(
            new SqliteStoreSettings(File) { BusyTimeout = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance);
        await store.InitializeAsync(CancellationToken.None);
        var feeder = new StoreFeeder(store);
        using (var other = Connect())
        {
            Run(other, "BEGIN IMMEDIATE");
            var result = await store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None);

            var failure = Assert.IsType<StoreAppendResult.Failed>(result).Failure;
            Assert.Equal((StoreFailureKind.Transient, "sqlite:5"), (failure.Kind, failure.Code));
        }

        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Fact]
    public async Task A_violated_constraint_is_a_permanent_failure_and_leaves_nothing()
    {
        using (var other = Connect())
            Run(other, "CREATE TRIGGER Refuse BEFORE INSERT ON Events WHEN new.message = 'poison' BEGIN SELECT raise(ABORT, 'no'); END");
        var feeder = new StoreFeeder(Store);

        var result = await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("good"), SpecEvent.Of("poison")]), CancellationToken.None);

        Assert.Equal(StoreFailureKind.Permanent, Assert.IsType<StoreAppendResult.Failed>(result).Failure.Kind);
        Assert.Empty((await Store.PageAsync(new LogQueryRequest())).Events);
        Assert.Null(await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        await feeder.AppendAsync(0, [SpecEvent.Of("good")]);
    }

    [Fact]
    public async Task Events_are_not_kept_when_their_position_cannot_be_written()
    {
        using (var other = Connect())
            Run(other, "CREATE TRIGGER Refuse BEFORE INSERT ON Positions BEGIN SELECT raise(ABORT, 'no'); END");
        var feeder = new StoreFeeder(Store);

        Assert.IsType<StoreAppendResult.Failed>(await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None));

        Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        using (var other = Connect())
            Run(other, "DROP TRIGGER Refuse");
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Fact]
    public async Task A_missing_table_is_transient_for_it_says_nothing_about_the_data()
    {
        using (var other = Connect())
            Run(other, "ALTER TABLE Events RENAME TO Gone");
        var feeder = new StoreFeeder(Store);

        var result = await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None);

        Assert.Equal(StoreFailureKind.Transient, Assert.IsType<StoreAppendResult.Failed>(result).Failure.Kind);
        using (var other = Connect())
            Run(other, "ALTER TABLE Gone RENAME TO Events");
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Theory]
    [InlineData("message = 'altered'")]
    [InlineData("properties = NULL")]
    [InlineData("level = 5")]
    [InlineData("received = received + 1")]
    [InlineData("api_key = 'somebody'")]
    [InlineData("exception = ''")]
    [InlineData("id = id + 1")]
    public async Task An_altered_row_is_never_served(string change)
    {
        var feeder = new StoreFeeder(Store);
        var fed = await feeder.AppendAsync(0, [SpecEvent.Of("first", "{}"), SpecEvent.Of("second", "{}")], "key-1");
        using (var other = Connect())
            Assert.Equal(1, Run(other, $"UPDATE Events SET {change} WHERE arrival = 1"));

        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest()));
        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest { Order = LogOrder.Received }));
        Assert.Null(await Store.FindAsync(fed[0].Id, CancellationToken.None));
    }

    [Fact]
    public async Task A_row_whose_json_was_destroyed_does_not_stop_a_query()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("first", """{"n":1}"""), SpecEvent.Of("second", """{"n":1}""")]);
        using (var other = Connect())
            Run(other, "UPDATE Events SET properties = '{\"n' WHERE arrival = 1");

        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest { Filter = "properties.n = 1" }));
    }

    [Fact]
    public async Task A_transaction_that_was_not_committed_leaves_nothing()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("kept")]);
        var settings = new SqliteStoreSettings(File);
        using (var session = SqliteSession.Open(settings, isWriter: true))
        {
            session.Execute("BEGIN IMMEDIATE");
            Assert.Null(new SqliteAppend(session).Write(feeder.Batch(0, [SpecEvent.Of("lost")])));
        }

        await ReopenAsync();

        Assert.Equal(feeder.Position(0), await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        Assert.Equal(["kept"], await MessagesAsync(new LogQueryRequest()));
    }

    [Fact]
    public async Task An_operator_reads_the_events_with_the_sqlite3_tool()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(2, [SpecEvent.Of("readable", severity: Severity.Error, afterTicks: 1_234_567) with { FractionDigits = 3 }], "key-1");
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT timestamp || ' ' || level || ' ' || message || ' ' || partition || ' ' || received_at || ' ' || api_key || ' ' || spool_id FROM EventsReadable";

        Assert.Equal($"2026-11-24T08:00:00.123Z Error readable 2 2026-11-24T08:00:00.0000000Z key-1 {feeder.SpoolId}", command.ExecuteScalar());
    }

    [Fact]
    public void The_writer_flushes_every_commit_into_a_write_ahead_log()
    {
        using var session = SqliteSession.Open(new SqliteStoreSettings(File), isWriter: true);

        Assert.Equal(2, session.ReadInt64("PRAGMA synchronous"));
        Assert.Equal("wal", session.ReadText("PRAGMA journal_mode"));
        Assert.Equal(2, session.ReadInt64("PRAGMA auto_vacuum"));
    }

    [Theory]
    [InlineData(LogOrder.Descending, "SEARCH Events USING INDEX Events_Time (timestamp>? AND (timestamp,id)<(?,?))")]
    [InlineData(LogOrder.Ascending, "SEARCH Events USING INDEX Events_Time ((timestamp,id)>(?,?) AND timestamp<?)")]
    public void A_page_is_a_search_in_the_index_without_sorting(LogOrder order, string expected)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + SqliteScan.SqlFor(new LogQueryPlan { Order = order, Residual = new FilterNode.Has(FilterPath.To(FilterName.Source)) });
        foreach (var name in new[] { 1, 2, 3 })
            command.Parameters.AddWithValue($"?{name}", 1L);
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
            steps.Add(reader.GetString(3));

        Assert.Equal([expected], steps);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private static int Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}
