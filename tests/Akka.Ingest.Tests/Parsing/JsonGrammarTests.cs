namespace Akka.Ingest.Tests.Parsing;

using Akka.Ingest.Parsing;
using Xunit;

public class JsonGrammarTests
{
    [Theory]
    [InlineData("-0")]
    [InlineData("1e5")]
    [InlineData("123.456E-78")]
    [InlineData("\"\\uD834\\uDD1E \\/\"")]
    [InlineData("\"\u2028\u007f\"")]
    [InlineData("[ ]")]
    [InlineData("{\"a\":\"b\",\"a\":\"b\"}")]
    [InlineData("{\"\":0}")]
    [InlineData("[null, 1, \"1\", {}]")]
    public void Valid_json_is_taken_as_it_is(string json)
    {
        Assert.Equal($"{{\"v\":{json}}}", Decoded.Event(Wrap(json)).Properties);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1e")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0x1")]
    [InlineData("\"\\x41\"")]
    [InlineData("\"\\u12g4\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("\"a")]
    [InlineData("[1,]")]
    [InlineData("[1 2]")]
    [InlineData("[,1]")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("/* */1")]
    [InlineData("TRUE")]
    [InlineData("")]
    [InlineData("]")]
    [InlineData("1\u00a0")]
    public void Invalid_json_is_refused(string json)
    {
        var body = Wrap(json);
        Assert.NotNull(Decoded.Parse(body).Error);
        Assert.True(Decoded.Events(body, EventFormat.Clef, InvalidEvents.DeadLetter)[0].IsRejected);
    }

    private static string Wrap(string json) => $"{{\"message\":\"m\",\"properties\":{{\"v\":{json}}}}}";
}
