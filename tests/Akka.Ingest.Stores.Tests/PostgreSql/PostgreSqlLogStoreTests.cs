namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Xunit;

public sealed class PostgreSqlLogStoreTests : LogStoreSpec
{
    private PostgreSqlTestDatabase _database = null!;

    protected override ILogStore CreateStore() => _database.Store();

    public override async Task InitializeAsync()
    {
        _database = await PostgreSqlTestDatabase.CreateAsync();
        await base.InitializeAsync();
    }

    [Theory]
    [InlineData("message = 'altered'")]
    [InlineData("properties = NULL")]
    [InlineData("level = 5")]
    [InlineData("timestamp = timestamp + 1")]
    [InlineData("received = received + 1")]
    [InlineData("api_key = 'somebody'")]
    [InlineData("exception = ''")]
    [InlineData("fraction_digits = 1")]
    [InlineData("spool = gen_random_uuid()")]
    public async Task An_altered_row_is_never_served(string change)
    {
        var feeder = new StoreFeeder(Store);
        var fed = await feeder.AppendAsync(0, [SpecEvent.Of("first", "{}"), SpecEvent.Of("second", "{}")], "key-1");
        await _database.RunAsync($"UPDATE events SET {change} WHERE message = 'first'");

        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest()));
        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest { Order = LogOrder.Received }));
        Assert.Null(await Store.FindAsync(fed[0].Id, CancellationToken.None));
        Assert.NotEmpty((await Store.ReadHealthAsync(CancellationToken.None)).Damage);
    }

    [Fact]
    public async Task An_event_found_altered_is_named_in_the_health_report()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(3, [SpecEvent.Of("first"), SpecEvent.Of("second")]);
        await _database.RunAsync("UPDATE events SET message = 'x' WHERE message = 'second'");

        await MessagesAsync(new LogQueryRequest());

        var damage = Assert.Single((await Store.ReadHealthAsync(CancellationToken.None)).Damage);
        Assert.Equal([new EventIdRange(feeder.SpoolId, 3, 1, 1)], damage.Events);
    }

    [Fact]
    public async Task A_row_whose_json_was_destroyed_does_not_stop_a_query()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("first", """{"n":1}"""), SpecEvent.Of("second", """{"n":1}""")]);
        await _database.RunAsync("UPDATE events SET properties = '{\"n' WHERE message = 'first'");

        Assert.Equal(["second"], await MessagesAsync(new LogQueryRequest { Filter = "properties.n < 2" }));
    }

    [Fact]
    public async Task A_violated_constraint_is_a_permanent_failure_and_leaves_nothing()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("before")]);
        await _database.RunAsync("ALTER TABLE events ADD CHECK (message <> 'poison')");

        var result = await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("good"), SpecEvent.Of("poison")]), CancellationToken.None);

        var failure = Assert.IsType<StoreAppendResult.Failed>(result).Failure;
        Assert.Equal((StoreFailureKind.Permanent, "postgresql:23514"), (failure.Kind, failure.Code));
        Assert.Equal(["before"], await MessagesAsync(new LogQueryRequest()));
        Assert.Equal(feeder.Position(0), await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        await feeder.AppendAsync(0, [SpecEvent.Of("good")]);
    }

    [Fact]
    public async Task A_violated_constraint_of_the_stores_own_rows_is_no_fault_of_the_events()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
        await _database.RunAsync("ALTER TABLE appends ADD CONSTRAINT refuse CHECK (first_arrival < 2)");

        var failure = Assert.IsType<StoreAppendResult.Failed>(await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("b")]), CancellationToken.None)).Failure;

        Assert.Equal((StoreFailureKind.Transient, "postgresql:23514"), (failure.Kind, failure.Code));
        await _database.RunAsync("ALTER TABLE appends DROP CONSTRAINT refuse");
        await feeder.AppendAsync(0, [SpecEvent.Of("b")]);
    }

    [Fact]
    public async Task Events_are_not_kept_when_their_position_cannot_be_written()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, []);
        await _database.RunAsync("CREATE RULE refuse AS ON UPDATE TO positions DO INSTEAD NOTHING");

        var result = await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None);

        Assert.Equal(StoreFailureKind.Transient, Assert.IsType<StoreAppendResult.Failed>(result).Failure.Kind);
        Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Empty(await MessagesAsync(new LogQueryRequest()));
        await _database.RunAsync("DROP RULE refuse ON positions");
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Fact]
    public async Task A_missing_table_is_transient_for_it_says_nothing_about_the_data()
    {
        var feeder = new StoreFeeder(Store);
        await _database.RunAsync("ALTER TABLE appends RENAME TO gone");

        var failure = Assert.IsType<StoreAppendResult.Failed>(await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None)).Failure;

        Assert.Equal((StoreFailureKind.Transient, "postgresql:42P01"), (failure.Kind, failure.Code));
        await _database.RunAsync("ALTER TABLE gone RENAME TO appends");
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Theory]
    [InlineData("'; DROP TABLE positions; --")]
    [InlineData("\\'; DROP TABLE positions; --")]
    [InlineData("$1@spool{0}\"%_")]
    public async Task Nothing_of_a_request_becomes_a_statement(string evil)
    {
        var feeder = new StoreFeeder(Store);
        var fields = Enum.GetValues<EventField>().ToDictionary(field => field, field => field.IsJson() ? $$"""{{{System.Text.Json.JsonSerializer.Serialize(evil)}}:{{System.Text.Json.JsonSerializer.Serialize(evil)}}}""" : evil);
        await feeder.AppendAsync(0, [new SpecEvent { Fields = fields }, SpecEvent.Of("other")], evil);
        var quoted = "'" + evil.Replace("'", "''", StringComparison.Ordinal) + "'";

        LogQueryRequest[] requests =
        [
            new() { Text = evil }, new() { Source = evil }, new() { Category = evil }, new() { TraceId = evil },
            new() { Filter = $"message = {quoted}" }, new() { Filter = $"host in ({quoted}, 'x')" }, new() { Filter = $"properties[{quoted}] = {quoted}" },
            new() { Filter = $"apiKeyId = {quoted} and message like {quoted}" }, new() { Filter = $"message = {quoted}", Order = LogOrder.Received },
        ];
        foreach (var request in requests)
        {
            Assert.Equal([evil], await MessagesAsync(request));
            Assert.Equal(1, await Store.CountAsync(StoreQueries.Plan(request), CancellationToken.None));
        }

        Assert.Equal(feeder.Position(0), await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
    }

    [Fact]
    public async Task An_operator_reads_the_events_with_psql()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(2, [SpecEvent.Of("größe", """{"n":1}""", severity: Severity.Error, afterTicks: 1_234_560), SpecEvent.Of("nul \u0000")], "key-1");

        Assert.Equal(
            $"2026-11-24 08:00:00.123456 Error größe 2/0 2026-11-24 08:00:00 key-1 {feeder.SpoolId} 1",
            await _database.RunAsync(
                "SELECT timestamp || ' ' || level || ' ' || message || ' ' || partition || '/' || ordinal || ' ' || received_at || ' ' || api_key || ' ' || spool || ' ' || (properties->>'n') FROM events_readable WHERE ordinal = 0"));
        Assert.Equal("nul \\000", await _database.RunAsync("SELECT message FROM events_readable WHERE ordinal = 1"));
    }

    [Fact]
    public async Task A_cancelled_query_ends_and_the_store_goes_on()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.QueryAsync(new LogQueryPlan(), cancelled.Token));

        await Store.PingAsync(CancellationToken.None);
    }
}
