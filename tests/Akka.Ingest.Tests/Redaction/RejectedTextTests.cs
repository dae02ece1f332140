namespace Akka.Ingest.Tests.Redaction;

using System.Text;
using Akka.Ingest.Hosting;
using Akka.Ingest.Parsing;
using Akka.Ingest.Tests.Parsing;
using Xunit;

public class RejectedTextTests
{
    [Theory]
    [InlineData("""{"message":"m","password":"hunter2","x": }""", """{"message":"m","password":"***","x": }""")]
    [InlineData("""{"message":"m","password":"hunter2""", """{"message":"m","password":***""")]
    [InlineData("""{"password":"hun"hunter2","a":1}""", """{"password":"***"***""")]
    [InlineData("""{"password":["hunter2",{"a":"hunter2"} oops""", """{"password":"***"***""")]
    [InlineData("""{"a":x,"password":"hunter2","b":2}""", """{"a":x,"password":"***","b":2}""")]
    [InlineData("""{"a":x,"pin code":1,"api key":12345,"b":2}""", """{"a":x,"pin code":1,"api key":***,"b":2}""")]
    [InlineData("""{"a":x,"pass\u0077ord":"hunter2","b":2}""", """{"a":x,"pass\u0077ord":"***","b":2}""")]
    [InlineData("""{"a":x,"b":"{\"password\":\"hunter2\",\"c\":1}"}""", """{"a":x,"b":"{\"password\":\"***\",\"c\":1}"}""")]
    [InlineData("""{"a":x,"secret":{"b":"hunter2"},"c":1}""", """{"a":x,"secret":***""")]
    [InlineData("""{"a":"login password=hunter2 hunter2""", """{"a":"login password=***""")]
    [InlineData("""{"a":"login password\u003dhunter2""", """{"a":"login password\u003d***""")]
    [InlineData("GET /x?user=u&token=hunter2 HTTP/1.1", "GET /x?user=u&token=***")]
    [InlineData("Authorization: Bearer hunter2", "Authorization: ***")]
    [InlineData("the api key : hunter2", "the api key : ***")]
    [InlineData("Cookie => 'hunter2', ok=1", "Cookie => '***', ok=1")]
    [InlineData("happy key: 5, cap_i_key_board=7", "happy key: 5, cap_i_key_board=7")]
    [InlineData("""{"message":"m","a":1,}""", """{"message":"m","a":1,}""")]
    [InlineData("no secrets at 12:34:56 = fine", "no secrets at 12:34:56 = fine")]
    public void A_line_that_cannot_be_parsed_is_kept_without_its_secrets(string line, string expected)
    {
        var rejected = Assert.Single(Decoded.Events(line, EventFormat.Clef, InvalidEvents.DeadLetter));
        Assert.Equal(expected, rejected.Message);
    }

    [Fact]
    public void A_secret_that_goes_on_in_the_next_line_is_masked_there()
    {
        var lines = "{\"message\":\"m\",\"password\":\n\"hunter2\",\n\"x\":[\n{\"message\":\"good\"}\nother text";
        foreach (var format in new[] { EventFormat.Clef, EventFormat.Native })
        {
            var events = Decoded.Events(lines, format, InvalidEvents.DeadLetter);
            Assert.All(events, e => Assert.DoesNotContain("hunter2", e.Message ?? "", StringComparison.Ordinal));
            Assert.Contains(events, e => e.Message == "good" || e.Properties?.Contains("good", StringComparison.Ordinal) == true);
            Assert.Equal("other text", events[^1].Message);
        }
    }

    [Fact]
    public void An_event_that_parses_is_kept_as_redacted_json()
    {
        var rejected = Assert.Single(Decoded.Events(
            """{"message":"{\"token\":\"hunter2\"}","timestamp":"x","a":{"cookie":"hunter2"}}""", EventFormat.Native, InvalidEvents.DeadLetter));
        Assert.Equal("""{"message":"{\"token\":\"***\"}","timestamp":"x","a":{"cookie":"***"}}""", rejected.Message);
    }

    [Fact]
    public void The_text_is_masked_before_it_is_cut()
    {
        var options = new RedactionOptions();
        options.Patterns["card"] = @"\d{16}";
        for (var padding = 8 * 1024 - 60; padding < 8 * 1024; padding++)
        {
            var line = new string('x', padding) + " 4111222233334444 password=hunter2";
            var rejected = Decoded.Events(line, EventFormat.Clef, InvalidEvents.DeadLetter, options)[0];
            Assert.DoesNotContain("4111", rejected.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("hunt", rejected.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Text_in_utf16_does_not_get_past_the_rules()
    {
        var outcome = Decoded.Parser().Parse(
            EventFormat.Clef, Encoding.Unicode.GetBytes("password=hunter2"), Decoded.ReceivedAt, InvalidEvents.DeadLetter);
        using var block = outcome.Block!;
        Assert.Equal("password=***", Decoded.Read(block)[0].Message);
    }
}
