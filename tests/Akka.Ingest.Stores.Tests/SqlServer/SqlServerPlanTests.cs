namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using CsCheck;
using Microsoft.Data.Sqlite;
using Xunit;

/// <summary>Which statement a plan becomes, and with which values.</summary>
public sealed class SqlServerPlanTests
{
    private static readonly Dictionary<string, string> Checked = SqlServerStatements.All.ToDictionary(statement => statement.Name, statement => statement.Text);

    public static TheoryData<LogQueryRequest> Requests()
    {
        var data = new TheoryData<LogQueryRequest>();
        foreach (var order in Enum.GetValues<LogOrder>())
        {
            foreach (var level in new Severity?[] { null, Severity.Debug, Severity.Warning, Severity.Critical })
            {
                foreach (var from in new DateTime?[] { null, TestEvents.ReceivedAt })
                {
                    foreach (var filter in new[] { null, "source = 'a'", "category in ('a', 'b')", "source = 'a' and category = 'b'", "properties.n = 1", "source in ('1','2','3','4','5')", "traceId = '0af7'" })
                        data.Add(new LogQueryRequest { Order = order, MinLevel = level, From = from, Filter = filter });
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_plan_becomes_a_statement_that_is_checked_with_a_value_for_each_parameter(LogQueryRequest request)
    {
        var plan = StoreQueries.Plan(request);
        foreach (var cursor in new LogCursor?[] { null, new(plan.Order, TestEvents.ReceivedAt.Ticks, new EventId(Guid.NewGuid(), 3, 4)) })
        {
            foreach (var (statement, values) in StatementsOf(plan with { Cursor = cursor }))
            {
                Assert.Equal(statement.Text, Checked[statement.Name]);
                Assert.Equal(statement.Parameters.Count, values.Length);
                using var command = statement.CreateCommand(new Microsoft.Data.SqlClient.SqlConnection(), null, TimeSpan.FromSeconds(1.5), values);
                Assert.Equal(2, command.CommandTimeout);
                Assert.All(command.Parameters.Cast<Microsoft.Data.SqlClient.SqlParameter>(), parameter => Assert.NotNull(parameter.Value));
            }
        }
    }

    [Theory]
    [InlineData(null, "", true)]
    [InlineData("level = 'Error'", "l", true)]
    [InlineData("source = 'a'", "s", true)]
    [InlineData("source in ('a', 'b') and category = 'c'", "sc", true)]
    [InlineData("source in ('1', '2', '3', '4', '5')", "", false)]
    [InlineData("source = 'a' and source = 'b'", "", false)]
    [InlineData("source = 'a' or category = 'c'", "", false)]
    [InlineData("source = 'a' and properties.n = 1", "s", false)]
    [InlineData("traceId = '0af7'", "", false)]
    [InlineData("host = 'h'", "", false)]
    [InlineData("not source = 'a'", "", false)]
    public void The_server_is_asked_what_it_can_tell_and_counts_alone_only_when_that_is_all(string? filter, string shape, bool isExact)
    {
        var prefilter = SqlServerPrefilter.Of(StoreQueries.Plan(new LogQueryRequest { Filter = filter }));

        Assert.Equal((shape, isExact), (prefilter.Shape, prefilter.IsExact));
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    [InlineData(200, false)]
    public void A_text_as_long_as_its_column_is_only_a_beginning(int length, bool isExact)
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Source = new string('s', length) });
        var prefilter = SqlServerPrefilter.Of(plan);

        Assert.Equal(isExact, prefilter.IsExact);
        Assert.Equal(Math.Min(length, 128), prefilter.Sources[0].Length);
        Assert.Equal(SqlServerPrefilter.MaxValues, prefilter.Values(plan).Count());
    }

    [Theory]
    [InlineData(LogOrder.Descending, null, "PK_Events")]
    [InlineData(LogOrder.Ascending, Severity.Information, "PK_Events")]
    [InlineData(LogOrder.Ascending, Severity.Warning, "Events_Severe")]
    [InlineData(LogOrder.Descending, Severity.Critical, "Events_Severe")]
    [InlineData(LogOrder.Received, Severity.Critical, "PK_Appends")]
    public void The_index_follows_order_and_level(LogOrder order, Severity? level, string index)
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Order = order, MinLevel = level });

        Assert.Equal(index, SqlServerIndexStrategy.Choose(plan));
    }

    [Fact]
    public void A_walk_that_begins_outside_its_range_begins_at_the_edge()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { From = TestEvents.ReceivedAt, To = TestEvents.ReceivedAt.AddTicks(9), Order = LogOrder.Ascending });
        LogQueryPlan At(long ticks) => plan with { Cursor = new LogCursor(LogOrder.Ascending, ticks, new EventId(Guid.NewGuid(), 0, 0)) };

        Assert.Contains("_edge_", NextOf(At(plan.FromTicks - 1)).Name, StringComparison.Ordinal);
        Assert.Contains("_place_", NextOf(At(plan.FromTicks)).Name, StringComparison.Ordinal);
        Assert.Contains("_place_", NextOf(At(plan.ToTicks - 1)).Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Buckets_of_the_server_are_those_of_the_histogram()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        // The arithmetic of whole numbers with 64 bits is the same everywhere; the text is the one that the server gets.
        command.CommandText = "SELECT " + SqlServerCountSql.BucketOf.Replace("e.event_time", "@time", StringComparison.Ordinal);
        foreach (var name in new[] { "@time", "@from", "@buckets", "@range" })
            command.Parameters.AddWithValue(name, 0L);

        Gen.Select(Gen.Long[-10, 1L << 60], Gen.Int[1, 40], Gen.Int[1, 1_000]).Sample(
            (from, width, count) =>
            {
                var range = (long)width * (count % 7 == 0 ? 1 : 977);
                var buckets = new HistogramBuckets(from, from + range, count);
                for (var at = 0L; at < range; at += Math.Max(1, range / 50))
                {
                    command.Parameters["@time"].Value = from + at;
                    command.Parameters["@from"].Value = from;
                    command.Parameters["@buckets"].Value = buckets.Bounds.Count - 1L;
                    command.Parameters["@range"].Value = range;
                    var bucket = (int)(long)command.ExecuteScalar()!;
                    Assert.InRange(from + at, buckets.Bounds[bucket], buckets.Bounds[bucket + 1] - 1);
                }
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void A_histogram_over_all_of_time_is_not_left_to_64_bits()
    {
        Assert.True(SqlServerCountSql.FitsBuckets(0, TimeSpan.TicksPerDay * 366, 1_000));
        Assert.False(SqlServerCountSql.FitsBuckets(0, DateTime.MaxValue.Ticks, 60));
        Assert.False(SqlServerCountSql.FitsBuckets(long.MinValue, long.MaxValue, 1));
    }

    private static IEnumerable<(SqlServerStatement Statement, object?[] Values)> StatementsOf(LogQueryPlan plan)
    {
        var filter = SqlServerPrefilter.Of(plan);
        yield return (SqlServerCountSql.Count(filter), [plan.FromTicks, plan.ToTicks, .. filter.Values(plan)]);
        yield return (SqlServerCountSql.Histogram(filter), [plan.FromTicks, plan.ToTicks, 1L, 1L, .. filter.Values(plan)]);
        if (plan.Order == LogOrder.Received)
        {
            yield return new SqlServerReceivedWalk(null!, plan, new SqlServerMatcher(plan)).Next(100);
            yield break;
        }

        yield return new SqlServerTimeWalk(null!, plan, new SqlServerMatcher(plan)).Next(100);
        if (plan.TraceId is not null)
            yield return new SqlServerTrace(null!, plan, new SqlServerMatcher(plan)).Statement();
    }

    private static SqlServerStatement NextOf(LogQueryPlan plan) => new SqlServerTimeWalk(null!, plan, new SqlServerMatcher(plan)).Next(1).Statement;
}
