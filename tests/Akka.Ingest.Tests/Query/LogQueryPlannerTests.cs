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
    [InlineData("level is null", "", "true")]
    public void What_speaks_of_levels_only_becomes_a_set(string filter, string levels, string residual)
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = filter });

        Assert.Equal(levels, string.Join(',', plan.Levels.Severities));
        Assert.Equal(residual, plan.Residual.ToString());
        Assert.Equal(levels.Length == 0, plan.IsEmpty);
    }

    [Fact]
    public void Levels_from_parameters_and_filter_are_all_required()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest
        {
            MinLevel = Severity.Warning, Levels = [Severity.Debug, Severity.Warning, Severity.Error], Filter = "level <> 'Error'",
        });

        Assert.Equal([Severity.Warning], plan.Levels.Severities);
    }

    [Fact]
    public void Times_in_the_filter_narrow_the_range()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest
        {
            From = Start, To = Start.AddHours(1),
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

    private static LogQueryError AssertRefused(string parameter, LogQueryRequest request)
    {
        var error = Assert.IsType<LogQueryPlanning.Refused>(new LogQueryPlanner().Plan(request)).Error;
        Assert.Equal(parameter, error.Parameter);
        return error;
    }
}
