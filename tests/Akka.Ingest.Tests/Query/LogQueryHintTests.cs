namespace Akka.Ingest.Tests.Query;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Testing;
using CsCheck;
using Xunit;

public sealed class LogQueryHintTests
{
    [Theory]
    [InlineData("source = 'a'", "source = 'a'", true)]
    [InlineData("source in ('a', 'b', 1)", "source in ('a', 'b')", true)]
    [InlineData("source = 'a' or source = 'b'", "source in ('a', 'b')", true)]
    [InlineData("properties.Order.Id = 42 and headers.Host = 'h'", "properties.Order.Id = 42;headers.Host = 'h'", true)]
    [InlineData("body[0].ok = true", "body[0].ok = true", true)]
    [InlineData("source = 'a' and message like '%x%'", "source = 'a'", false)]
    [InlineData("source = 'a' and (host = 'h' or host is null)", "source = 'a'", false)]
    [InlineData("source = 'a' and level >= 'Error' and timestamp > '2026-11-24T08:10:00Z'", "source = 'a'", true)]
    [InlineData("source <> 'a'", "", false)]
    [InlineData("not source = 'a'", "", false)]
    [InlineData("properties.n in (1, 2)", "", false)]
    [InlineData("body = 'whole'", "", false)]
    [InlineData("id = 'x'", "", false)]
    [InlineData("level = 'Error'", "", true)]
    public void Equalities_become_hints_and_the_plan_says_whether_they_are_all(string filter, string hints, bool areComplete)
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Filter = filter });

        Assert.Equal(hints, string.Join(';', plan.Hints));
        Assert.Equal(areComplete, plan.AreHintsComplete);
    }

    [Fact]
    public void Parameters_give_hints_and_text_is_folded()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest { Source = "a", Category = "c", TraceId = "t", Text = "größe 100%" });

        Assert.Equal("source = 'a';category = 'c';traceId = 't';text like '%GRÖßE 100%%'", string.Join(';', plan.Hints));
        Assert.True(plan.AreHintsComplete);
        Assert.Equal("t", plan.TraceId);
        Assert.Equal("GRÖßE 100%", Encoding.UTF8.GetString(Assert.IsType<LogQueryHint.TextContains>(plan.Hints[3]).Folded));
    }

    [Fact]
    public void One_of_several_traces_is_no_single_trace()
    {
        Assert.Null(StoreQueries.Plan(new LogQueryRequest { Filter = "traceId in ('a', 'b')" }).TraceId);
        Assert.Equal("a", StoreQueries.Plan(new LogQueryRequest { Filter = "traceId in ('a', 'b') and traceId = 'a'" }).TraceId);
    }

    [Fact]
    public void A_plan_of_nothing_has_no_hints_and_they_are_complete()
    {
        var plan = StoreQueries.Plan(new LogQueryRequest());
        Assert.Empty(plan.Hints);
        Assert.True(plan.AreHintsComplete);
    }

    [Fact]
    public void A_normalized_filter_answers_as_the_one_it_came_from()
    {
        var random = new ModelGenerator(7);
        var events = Enumerable.Range(0, 60).Select(_ => random.NextEvent()).Select(item => (item, Bytes: item.Encode())).ToArray();
        Gen.Int[0, 10_000_000].Sample(seed =>
        {
            // Half of them with equalities of one place on both sides, which random filters hardly have.
            var draw = new ModelGenerator(seed);
            string Equality() => draw.Pick("source = 'a'", "source in ('a', 'b')", "source in ('b', '')", "properties.a = 1", "properties.a in (1.0, 'a', true)", "source = 'b'");
            var text = seed % 2 == 0 ? draw.NextFilter().Render() : $"({Equality()} {draw.Pick("and", "or")} {Equality()}) {draw.Pick("and", "or", "and not")} ({Equality()} {draw.Pick("and", "or")} {draw.NextFilter(1).Render()})";
            Assert.True(LogFilterParser.TryParse(text, out var parsed, out _), text);
            var plain = new EventFilter(parsed);
            var plan = StoreQueries.Plan(new LogQueryRequest { Filter = text });
            var residual = plan.CreateFilter();
            foreach (var (item, bytes) in events)
            {
                var record = EventRecord.Read(bytes);
                var origin = new EventOrigin(new EventId(Guid.Empty, 0, 7), TestEvents.ReceivedAt.Ticks, "key-1"u8);
                var planned = item.Ticks >= plan.FromTicks && item.Ticks < plan.ToTicks && plan.Levels.Contains(item.Severity) && residual.Matches(record, origin);
                Assert.True(plain.Matches(record, origin) == planned, $"{text} became {plan.Residual}");
            }
        }, iter: 3_000, threads: 2);
    }
}
