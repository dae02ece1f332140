namespace Akka.Ingest.Tests.Parsing;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Xunit;

public class InvalidEventsTests
{
    private static readonly string Deep64 = new string('[', 62) + new string(']', 62);

    [Theory]
    [InlineData("", "no-content", 0)]
    [InlineData("  \n", "no-content", 0)]
    [InlineData("{}", "no-content", 1)]
    [InlineData("{\"message\":null}", "no-content", 1)]
    [InlineData("\n\n{\"message\":\"m\",\"timestamp\":\"x\"}", "bad-timestamp", 3)]
    [InlineData("{\"message\":\"m\",\"timestamp\":1}", "bad-timestamp", 1)]
    [InlineData("{\"message\":\"m\"}\n{\"message\":\"m\"", "malformed-json", 2)]
    [InlineData("{\"message\":\"m\"}\nplain text\n", "malformed-json", 2)]
    [InlineData("{\"message\":\"m\"} x", "malformed-json", 1)]
    [InlineData("{\"message\":\"m\",}", "malformed-json", 1)]
    [InlineData("{'message':'m'}", "malformed-json", 1)]
    [InlineData("\"text\"", "not-an-object", 1)]
    [InlineData("[{\"message\":\"m\"},5]", "not-an-object", 2)]
    [InlineData("[{\"message\":\"m\"},{\"message\":\"m\"]", "malformed-json", 2)]
    [InlineData("[{\"message\":\"m\"}] x", "malformed-json", 1)]
    [InlineData("[{\"message\":\"m\"},\n\n{\"level\":\"x\"}]", "no-content", 2)]
    public void A_refusal_tells_code_and_line_and_quotes_nothing(string body, string code, int line)
    {
        var error = Decoded.Parse(body).Error!;
        Assert.Equal(IngestErrorKind.InvalidContent, error.Kind);
        Assert.Equal((line, code), (error.Details![0].Line, error.Details[0].Code));
        Assert.DoesNotContain("plain text", error.Detail + error.Details[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Up_to_ten_mistakes_are_told_with_their_lines()
    {
        var body = string.Join('\n', Enumerable.Range(1, 40).Select(i => i % 2 == 0 ? "{\"message\":" : $$"""{"message":"{{i}}"}"""));
        foreach (var format in new[] { EventFormat.Native, EventFormat.Clef })
        {
            var details = Decoded.Parse(body, format).Error!.Details!;
            Assert.Equal(Enumerable.Range(1, 10).Select(i => i * 2L), details.Select(d => d.Line));
        }
    }

    [Fact]
    public void A_broken_object_over_several_lines_is_one_mistake()
    {
        var error = Decoded.Parse("{\n  \"message\": \"m\",\n  oops\n  \"b\": 1\n}\n{\"message\":\"good\"}").Error!;
        Assert.Equal(1, Assert.Single(error.Details!).Line);
    }

    [Fact]
    public void Nesting_of_64_is_taken_and_65_is_not()
    {
        Assert.Equal($"{{\"v\":{Deep64}}}", Decoded.Event(WithProperty("v", Deep64)).Properties);
        Assert.Single(Decoded.Events($"[{WithProperty("v", Deep64)}]"));
        foreach (var name in new[] { "v", "password" })
        {
            foreach (var wrap in new[] { "{0}", "[{0}]" })
            {
                var body = wrap.Replace("{0}", WithProperty(name, $"[{Deep64}]"), StringComparison.Ordinal);
                Assert.Equal("too-deep", Decoded.Parse(body).Error!.Details![0].Code);
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_brackets_do_no_harm()
    {
        var body = """{"message":"m","v":""" + new string('[', 100_000);
        Assert.Equal("malformed-json", Decoded.Parse(body).Error!.Details![0].Code);
        Assert.Equal("malformed-json", Decoded.Parse("[" + body).Error!.Details![0].Code);
        Assert.True(Decoded.Events(body, EventFormat.Clef, InvalidEvents.DeadLetter)[0].IsRejected);
    }

    [Fact]
    public void An_event_over_the_limit_is_too_large_and_says_where()
    {
        var large = $$"""{"message":"{{new string('x', Decoded.MaxEventBytes)}}"}""";
        foreach (var (body, format) in new[]
        {
            ("{\"message\":\"m\"}\n" + large, EventFormat.Native), ("[{\"message\":\"m\"}," + large + "]", EventFormat.Native),
            ("{\"message\":\"m\"}\n" + large, EventFormat.Clef),
        })
        {
            var error = Decoded.Parse(body, format).Error!;
            Assert.Equal(IngestErrorKind.TooLarge, error.Kind);
            Assert.Equal((2, "too-large"), (error.Details![0].Line, error.Details[0].Code));
            var rejected = Decoded.Events(body, format, InvalidEvents.DeadLetter)[1];
            Assert.Equal(8 * 1024, rejected.Message!.Length);
        }

        Assert.Equal(IngestErrorKind.InvalidContent, Decoded.Parse(large + "\n{}").Error!.Kind);
    }

    [Fact]
    public void With_dead_letters_the_good_events_go_on_and_each_bad_one_keeps_its_text_and_reason()
    {
        var events = Decoded.Events("""
            {"message":"1"}
            {"message":"2","timestamp":"never"}
            {"message":"3
            {"message":"4"}
            {"level":"info"}
            """, invalid: InvalidEvents.DeadLetter);
        Assert.Equal([false, true, true, false, true], events.Select(e => e.IsRejected));
        Assert.Equal(["1", """{"message":"2","timestamp":"never"}""", "{\"message\":\"3", "4", """{"level":"info"}"""], events.Select(e => e.Message));
        Assert.Equal([null, "bad-timestamp", "malformed-json", null, "no-content"], events.Select(e => e.Category));
        Assert.All(events.Where(e => e.IsRejected), e => Assert.NotEmpty(e.Exception!));
        Assert.All(events.Where(e => e.IsRejected), e => Assert.Equal("2026-11-24T08:00:00.1234560Z", e.Timestamp));
    }

    [Fact]
    public void A_broken_array_is_refused_in_both_modes_because_nothing_tells_where_events_start()
    {
        Assert.Equal("malformed-json", Decoded.Parse("[{\"message\":\"1\"},{]", invalid: InvalidEvents.DeadLetter).Error!.Details![0].Code);
    }

    [Fact]
    public void A_cut_text_ends_on_a_whole_character()
    {
        var rejected = Decoded.Events("x" + new string('é', 10_000), EventFormat.Clef, InvalidEvents.DeadLetter)[0];
        Assert.Equal("x" + new string('é', 4_095), rejected.Message);
    }

    [Fact]
    public void A_body_of_broken_events_alone_is_given_up_after_ten_thousand()
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{x}\n", 10_001)));
        Assert.NotNull(Decoded.Parser().Parse(EventFormat.Clef, body, Decoded.ReceivedAt, InvalidEvents.DeadLetter).Error);
    }

    private static string WithProperty(string name, string value) =>
        $"{{\"message\":\"m\",\"properties\":{{\"{name}\":{value}}}}}";
}
