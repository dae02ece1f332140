namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Npgsql;
using Xunit;

/// <summary>The statements use the indexes that are kept for them. What ran is read from the statistics that the server keeps of each index.</summary>
public sealed class PostgreSqlPlanTests : IAsyncLifetime
{
    private PostgreSqlTestDatabase _database = null!;
    private PostgreSqlLogStore _store = null!;
    private StoreFeeder _feeder = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgreSqlTestDatabase.CreateAsync();
        _store = await _database.OpenStoreAsync(settings => settings with { HasTextIndex = true });
        _feeder = new StoreFeeder(_store);
        for (var day = 0; day < 3; day++)
        {
            await _feeder.AppendAsync(0, [.. Enumerable.Range(0, 6_000).Select(i => Event(day, i))], receivedAt: TestEvents.ReceivedAt.AddDays(-day));
        }
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public Task The_newest_events_come_from_the_time_index_of_the_last_day() =>
        AssertUsesAsync(new LogQueryRequest(), ["events_20261124_timestamp_spool_id_level_day_idx", "events_20261124_spool_id_idx"]);

    [Fact]
    public Task The_last_errors_come_from_the_index_of_the_severe() =>
        AssertUsesAsync(new LogQueryRequest { MinLevel = Severity.Error, Limit = 10 }, ["events_20261124_timestamp_spool_id_level_day_idx1", "events_20261124_spool_id_idx"]);

    [Fact]
    public Task A_trace_comes_from_the_block_ranges() =>
        AssertUsesAsync(new LogQueryRequest { TraceId = "trace-2-17" }, "trace_id_idx");

    [Fact]
    public Task A_property_comes_from_the_inverted_index() =>
        AssertUsesAsync(new LogQueryRequest { Filter = "properties.n = 5017 and properties.day = 2" }, "property_index_idx");

    [Fact]
    public Task A_rare_text_comes_from_the_trigrams() =>
        AssertUsesAsync(new LogQueryRequest { Text = "number 2-4711" }, "_text");

    [Fact]
    public async Task An_event_by_its_id_opens_one_day()
    {
        await ResetAsync();
        Assert.NotNull(await _store.FindAsync(_feeder.Fed[0].Id, CancellationToken.None));
        Assert.Equal(["events_20261124_spool_id_idx"], await UsedAsync());
    }

    [Fact]
    public async Task Receipt_order_reads_the_runs_it_needs()
    {
        await ResetAsync();
        await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Received });
        Assert.Equal(["events_20261124_spool_id_idx"], await UsedAsync());
    }

    [Fact]
    public async Task A_time_range_opens_only_the_days_that_have_it()
    {
        await ResetAsync();
        var to = TestEvents.ReceivedAt.AddDays(-1.5);
        Assert.Equal(6_000, await _store.CountAsync(StoreQueries.Plan(new LogQueryRequest { To = to, Levels = [.. Enum.GetValues<Severity>()] }), CancellationToken.None));
        Assert.Equal(10, (await _store.PageAsync(new LogQueryRequest { To = to, Limit = 10 })).Events.Count);
        Assert.All(await UsedAsync(), name => Assert.StartsWith("events_20261122_", name, StringComparison.Ordinal));
        Assert.Equal(0L, await _database.RunAsync("SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname ~ '^events_'"));
    }

    [Fact]
    public async Task A_histogram_without_a_filter_is_counted_by_the_database()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { MinLevel = Severity.Warning });
        await _database.RunAsync("UPDATE events SET properties = 'destroyed'");

        var histogram = await _store.HistogramAsync(plan, 5, CancellationToken.None);

        Assert.Equal(18_000 / 100, histogram.Buckets.Sum(bucket => bucket.BySeverity.Sum()));
    }

    private static SpecEvent Event(int day, int i)
    {
        var at = TestEvents.ReceivedAt.AddDays(-day).AddSeconds(i).Ticks - TestEvents.ReceivedAt.Ticks;
        var plain = SpecEvent.Of($"number {day}-{i}", $$"""{"n":{{i}},"day":{{day}}}""", i % 100 == 0 ? Severity.Error : Severity.Information, at);
        return plain with { Fields = new Dictionary<EventField, string>(plain.Fields) { [EventField.TraceId] = $"trace-{day}-{i}" } };
    }

    private async Task AssertUsesAsync(LogQueryRequest request, string[] indexes)
    {
        await ResetAsync();
        Assert.NotEmpty((await _store.PageAsync(request)).Events);
        Assert.Equal(indexes.Order(StringComparer.Ordinal), await UsedAsync());
    }

    private async Task AssertUsesAsync(LogQueryRequest request, string index)
    {
        await ResetAsync();
        Assert.Single((await _store.PageAsync(request)).Events);
        Assert.Contains(await UsedAsync(), name => name.Contains(index, StringComparison.Ordinal));
    }

    // Sessions report what they used when they end or are asked to.
    private async Task ResetAsync()
    {
        await FlushAsync();
        await _database.RunAsync("SELECT pg_stat_reset()");
    }

    private async Task<List<string>> UsedAsync()
    {
        await FlushAsync();
        await using var connection = await _database.ConnectAsync();
        await using var command = new NpgsqlCommand("SELECT indexrelname::text FROM pg_stat_user_indexes WHERE idx_scan > 0 AND relname ~ '^events_' ORDER BY 1", connection);
        await using var row = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await row.ReadAsync())
            names.Add(row.GetString(0));
        return names;
    }

    private async Task FlushAsync()
    {
        await _database.Server.TerminateBackendsAsync(_database.ConnectionString);
        await _store.DisposeAsync();
        while (await _database.RunAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") is not 0L)
            await Task.Delay(10);
        _store = await _database.OpenStoreAsync(settings => settings with { HasTextIndex = true });
    }
}
