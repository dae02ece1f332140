namespace Akka.Ingest.Tests.Query;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Testing;
using Xunit;

public sealed class EventFilterTests
{
    private static readonly EventId Id = new(new Guid("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"), 3, 42);

    [Theory]
    [InlineData("message = 'absent'", false)]
    [InlineData("message <> 'absent'", false)]
    [InlineData("not message = 'absent'", true)]
    [InlineData("message is null", true)]
    [InlineData("messageTemplate = 'Größe {Size}'", true)]
    [InlineData("messageTemplate <> 'größe {Size}'", true)]
    [InlineData("messageTemplate like 'GRÖSSE%'", false)]
    [InlineData("messageTemplate like 'GRÖßE%size%'", true)]
    [InlineData("messageTemplate like 'GR_ßE%'", false)]
    [InlineData("level >= 'Warning' and level <> 'Critical' and level in ('Debug', 'Error')", true)]
    [InlineData("level < 'Error'", false)]
    [InlineData("timestamp = '2026-11-24T09:00:00+01:00'", true)]
    [InlineData("receivedAt > '2026-11-24T08:00:00Z'", true)]
    [InlineData("apiKeyId = 'key-1'", true)]
    [InlineData("id like '0%' and has(id)", true)]
    [InlineData("body = 'plain \U0001F600'", true)]
    [InlineData("headers.Host = 'x' and headers.host is null", true)]
    [InlineData("has(properties.nothing) and properties.nothing is null", true)]
    [InlineData("has(properties.missing)", false)]
    [InlineData("properties.nothing <> 1", false)]
    [InlineData("properties.text <> 1", false)]
    [InlineData("properties.text = '5'", true)]
    [InlineData("properties.twice = 2", true)]
    [InlineData("properties.twice = 1", false)]
    [InlineData("properties.escaped = 'A'", true)]
    [InlineData("properties['http.method'] = 'GET'", true)]
    [InlineData("properties.http.method is null", true)]
    [InlineData("properties['it''s'] = true", true)]
    [InlineData("properties.list[1].deep = 'x'", true)]
    [InlineData("properties.list[2] is null and not has(properties.list[2])", true)]
    [InlineData("properties.list.deep is null", true)]
    [InlineData("properties.list = 1", false)]
    [InlineData("properties.lone = '\uFFFDx'", true)]
    [InlineData("properties.lone like '%X'", true)]
    [InlineData("properties.half = 1", true)]
    [InlineData("properties is null", false)]
    public void A_filter_is_decided_on_the_encoded_bytes(string filter, bool expected)
    {
        Assert.Equal(expected, Matches(filter, new SpecEvent
        {
            Severity = Severity.Error,
            Fields = new Dictionary<EventField, string>
            {
                [EventField.MessageTemplate] = "Größe {Size}",
                [EventField.Body] = "\"plain \\ud83d\\ude00\"",
                [EventField.Headers] = """{"Host":"x"}""",
                [EventField.Properties] =
                    """{"nothing":null,"text":"5","twice":1, "twice" : 2 ,"\u0065scaped":"\u0041","http.method":"GET","it's":true,"list":[0,{"deep":"x"}],"lone":"\ud800x","half":1}""",
            },
        }));
    }

    [Fact]
    public void Text_is_looked_for_in_message_or_template_and_in_the_exception()
    {
        static bool Has(string text, params (EventField Field, string Text)[] fields)
        {
            var plan = StoreQueries.Plan(new LogQueryRequest { Text = text });
            return Matches(plan.Residual, new SpecEvent { Fields = fields.ToDictionary(item => item.Field, item => item.Text) });
        }

        Assert.True(Has("TIMEOUT", (EventField.Message, "a Timeout")));
        Assert.True(Has("timeout", (EventField.MessageTemplate, "a {X} Timeout")));
        Assert.True(Has("timeout", (EventField.Message, "other"), (EventField.Exception, "System.TimeoutException")));
        Assert.False(Has("timeout", (EventField.Message, "other"), (EventField.MessageTemplate, "timeout")));
        Assert.False(Has("timeout", (EventField.Properties, "{\"timeout\":1}")));
        Assert.True(Has("100%", (EventField.Message, "at 100% now")));
        Assert.False(Has("1%0", (EventField.Message, "at 100 now")));
        Assert.True(Has("ÄRGER", (EventField.Message, "x" + new string('a', 5_000) + "ärger")));
    }

    [Theory]
    [InlineData("1", "1.0", 0)]
    [InlineData("-0", "0.000e9", 0)]
    [InlineData("9007199254740993", "9007199254740992", 1)]
    [InlineData("0.1", "0.10000000000000000000000000000000001", -1)]
    [InlineData("1e400", "1e401", -1)]
    [InlineData("-1e400", "-1e401", 1)]
    [InlineData("1e99999999999999999999", "1e99999999999999999998", 1)]
    [InlineData("1e-99999999999999999999", "0", 1)]
    [InlineData("100e-2", "1", 0)]
    [InlineData("0.00123", "1.23e-3", 0)]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567891", -1)]
    [InlineData("-5", "3", -1)]
    [InlineData("999999999999999999", "1000000000000000000", -1)]
    public void Numbers_compare_by_value_to_the_last_digit(string left, string right, int expected)
    {
        Assert.Equal(expected, JsonNumber.Compare(System.Text.Encoding.ASCII.GetBytes(left), System.Text.Encoding.ASCII.GetBytes(right)));
        Assert.Equal(-expected, JsonNumber.Compare(System.Text.Encoding.ASCII.GetBytes(right), System.Text.Encoding.ASCII.GetBytes(left)));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("%", "", true)]
    [InlineData("a%a", "a", false)]
    [InlineData("a%a", "aa", true)]
    [InlineData("%ab%ab%", "abab", true)]
    [InlineData("%ab%ab%", "aab", false)]
    [InlineData("%%x%%", "x", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("%σ", "ΟΔΟΣ", true)]
    [InlineData("\U00010428", "\U00010400", true)]
    [InlineData("ÿ", "Ÿ", true)]
    public void Like_knows_percent_only_and_ignores_case(string pattern, string text, bool expected)
    {
        Assert.Equal(expected, LikePattern.Parse(pattern).MatchesFolded(new CaseFolding().Fold(System.Text.Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void A_match_allocates_nothing()
    {
        Assert.True(LogFilterParser.TryParse("message like '%x%' or properties.a.b = 2 and level >= 'Debug' and properties.n > 1.5 or id = 'x'", out var node, out _));
        var filter = new EventFilter(node);
        var record = SpecEvent.Of("größe", """{"a":{"b":1},"n":2}""").Encode();
        for (var i = 0; i < 10; i++)
            filter.Matches(EventRecord.Read(record), new EventOrigin(Id, 0, default));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
            filter.Matches(EventRecord.Read(record), new EventOrigin(Id, 0, default));

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool Matches(string filter, SpecEvent item)
    {
        Assert.True(LogFilterParser.TryParse(filter, out var node, out var error), error?.ToString());
        return Matches(node, item);
    }

    private static bool Matches(FilterNode node, SpecEvent item) => new EventFilter(node).Matches(
        EventRecord.Read(item.Encode()), new EventOrigin(Id, TestEvents.ReceivedAt.AddTicks(1).Ticks, "key-1"u8));
}
