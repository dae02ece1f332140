namespace Akka.Ingest.Tests.Query;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Testing;
using Xunit;

public sealed class LogQueryPlannerTests
{
    private static readonly DateTime Start = TestEvents.ReceivedAt;

    [Fact]
    public void Nothing_asked_is_the_newest_hundred()
    {
        Assert.Equal(new LogQueryPlan(), StoreQueries.Plan(new LogQueryRequest()));
    }

    [Theory]
    [InlineData("level >= 'Error'", "Error,Critical", "true")]
    [InlineData("level = 'Error' or level = 'Debug'", "Debug,Error", "true")]
    [InlineData("not (level in ('Trace','Debug')) and source = 'a'", "Information,Warning,Error,Critical", "source = 'a'")]
    [InlineData("level = 'Error' or source = 'a'", "Trace,Debug,Information,Warning,Error,Critical", "level = 'Error' or source = 'a'")]
    public void What_speaks_of_levels_only_becomes_a_set(string filter, string levels, string residual)
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = filter });

        Assert.Equal(levels, string.Join(',', plan.Levels.Severities));
        Assert.Equal(residual, plan.Residual.ToString());
    }

    [Fact]
    public void Levels_from_parameters_and_filter_are_all_required()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest
        {
            MinLevel = Severity.Warning,
            Levels = [Severity.Debug, Severity.Warning, Severity.Error],
            Filter = "level <> 'Error'",
        });

        Assert.Equal([Severity.Warning], plan.Levels.Severities);
    }

    [Fact]
    public void Times_in_the_filter_narrow_the_range()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest
        {
            From = Start,
            To = Start.AddHours(1),
            Filter = "timestamp > '2026-11-24T08:10:00Z' and timestamp <= '2026-11-24T08:20:00Z' and timestamp <> '2026-11-24T08:15:00Z'",
        });

        Assert.Equal(Start.AddMinutes(10).Ticks + 1, plan.FromTicks);
        Assert.Equal(Start.AddMinutes(20).Ticks + 1, plan.ToTicks);
        Assert.Equal("timestamp <> '2026-11-24T08:15:00.0000000Z'", plan.Residual.ToString());
    }

    [Fact]
    public void A_trace_is_known_from_the_parameter_or_the_filter_and_still_checked()
    {
        Assert.Equal("abc", StoreQueries.Plan(new LogQueryRequest { TraceId = "abc" }).TraceId);
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = "traceId = 'abc' and host = 'h'" });
        Assert.Equal(("abc", "traceId = 'abc' and host = 'h'"), (plan.TraceId, plan.Residual.ToString()));
        Assert.Null(StoreQueries.Plan(new LogQueryRequest { Filter = "traceId = 'abc' or host = 'h'" }).TraceId);
    }

    [Fact]
    public void A_cursor_comes_back_as_it_went_and_only_for_its_order()
    {
        var cursor = new LogCursor(LogOrder.Ascending, Start.Ticks, new EventId(Guid.NewGuid(), 63, EventId.MaxOrdinal));
        var request = new LogQueryRequest { Order = LogOrder.Ascending, Cursor = cursor.ToString() };

        Assert.Equal(cursor, StoreQueries.Plan(request).Cursor);
        AssertRefused("cursor", request with { Order = LogOrder.Descending });
        AssertRefused("cursor", request with { Cursor = "nonsense" });
        AssertRefused("cursor", request with { Cursor = "B" + request.Cursor[1..] });
        AssertRefused("cursor", request with { Cursor = request.Cursor[..^2] + (request.Cursor[^2] == 'A' ? "B" : "A") + request.Cursor[^1] });
    }

    [Fact]
    public void Every_other_mistake_names_its_parameter()
    {
        AssertRefused("limit", new LogQueryRequest { Limit = 0 });
        AssertRefused("after", new LogQueryRequest { After = new EventId(Guid.NewGuid(), 0, 0).ToString() });
        AssertRefused("after", new LogQueryRequest { After = "x", Order = LogOrder.Received });
        Assert.Equal(7, AssertRefused("filter", new LogQueryRequest { Filter = "host = h" }).Filter?.Position);
    }

    [Fact]
    public void A_limit_over_the_largest_gives_pages_of_the_largest()
    {
        var planned = Assert.IsType<LogQueryPlanning.Planned>(new LogQueryPlanner().Plan(new LogQueryRequest { Limit = 5_000 }));
        Assert.Equal(LogQueryRequest.MaxLimit, planned.Plan.Limit);
    }

    [Theory]
    [InlineData("level = 'Error' and level = 'Debug'")]
    [InlineData("level > 'Critical'")]
    [InlineData("level is null")]
    [InlineData("timestamp > '2026-11-24T08:20:00Z' and timestamp < '2026-11-24T08:10:00Z'")]
    [InlineData("timestamp = '2026-11-24T08:20:00Z' and timestamp = '2026-11-24T08:10:00Z'")]
    [InlineData("timestamp in ('2026-11-24T08:20:00Z') and timestamp < '2026-11-24T08:10:00Z'")]
    [InlineData("source = 'a' and source = 'b'")]
    [InlineData("source in ('a', 'b') and source in ('c', 'd')")]
    [InlineData("properties.n = 1 and properties.n = '1'")]
    [InlineData("source = 1")]
    [InlineData("host <> true")]
    [InlineData("message is null and not message is null")]
    [InlineData("timestamp is null or not has(id)")]
    [InlineData("not (source = 'a' or not source = 'a')")]
    public void What_contradicts_itself_is_empty(string filter) => Assert.True(StoreQueries.Plan(new LogQueryRequest { Filter = filter }).IsEmpty);

    [Theory]
    [InlineData("source = 'a' and source = 'a'", "source = 'a'")]
    [InlineData("source = 'a' or source = 'b' or source = 'a'", "source in ('a', 'b')")]
    [InlineData("source in ('a', 'b') and source in ('b', 'c')", "source = 'b'")]
    [InlineData("source in ('a')", "source = 'a'")]
    [InlineData("source in ('a', 1, true, 'a')", "source = 'a'")]
    [InlineData("properties.n in (1, 1.0, 10e-1, 2)", "properties.n in (1, 2)")]
    [InlineData("not not source = 'a'", "source = 'a'")]
    [InlineData("not (source = 'a' or host = 'b')", "not source = 'a' and not host = 'b'")]
    [InlineData("not (source = 'a' and host = 'b')", "not (source = 'a' and host = 'b')")]
    [InlineData("not properties.n > 1", "not properties.n > 1")]
    [InlineData("level is not null and has(timestamp)", "true")]
    [InlineData("(level >= 'Trace' or source = 'a') and host = 'b'", "host = 'b'")]
    [InlineData("(level is null or source = 'a') and host = 'b'", "source = 'a' and host = 'b'")]
    [InlineData("source = 'a' or not source = 'a'", "true")]
    [InlineData("source = 'a' and (host = 'b' and source = 'a')", "source = 'a' and host = 'b'")]
    public void A_filter_is_brought_to_its_simplest_form(string filter, string residual) =>
        Assert.Equal(residual, StoreQueries.Plan(new LogQueryRequest { Filter = filter }).Residual.ToString());

    [Fact]
    public void A_negated_time_narrows_the_range_and_a_list_of_times_encloses_it()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = "not timestamp < '2026-11-24T08:10:00Z' and timestamp in ('2026-11-24T08:05:00Z', '2026-11-24T08:20:00Z')" });

        Assert.Equal((Start.AddMinutes(10).Ticks, Start.AddMinutes(20).Ticks + 1), (plan.FromTicks, plan.ToTicks));
        Assert.StartsWith("timestamp in (", plan.Residual.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_in_levels_below_an_or_joins_the_level_set_when_it_stands_alone()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = "not (level < 'Warning' or source = 'a')" });

        Assert.Equal([Severity.Warning, Severity.Error, Severity.Critical], plan.Levels.Severities);
        Assert.Equal("not source = 'a'", plan.Residual.ToString());
    }

    private static LogQueryError AssertRefused(string parameter, LogQueryRequest request)
    {
        var error = Assert.IsType<LogQueryPlanning.Refused>(new LogQueryPlanner().Plan(request)).Error;
        Assert.Equal(parameter, error.Parameter);
        return error;
    }
}
