namespace Akka.Ingest.Tests.Query;

using Akka.Ingest.Query;
using Xunit;

public sealed class LogFilterParserTests
{
    [Theory]
    [InlineData("level = 'error'", "level = 'Error'")]
    [InlineData("LEVEL >= 'warn'", "level >= 'Warning'")]
    [InlineData("'x' = source", "source = 'x'")]
    [InlineData("5 < properties.n", "properties.n > 5")]
    [InlineData("a = 1", null)]
    [InlineData("message like '%it''s%'", "message like '%it''s%'")]
    [InlineData("properties.a.b['c d'][2] is null", "properties.a.b['c d'][2] is null")]
    [InlineData("headers.User-Agent = 'x' AND not (host = 'h' OR has(body.z))", "headers.User-Agent = 'x' and not (host = 'h' or has(body.z))")]
    [InlineData("source in ('a', 'b',1,true)", "source in ('a', 'b', 1, true)")]
    [InlineData("source not in ('a') and message not like 'b' and body is not null", "not source in ('a') and not message like 'b' and not body is null")]
    [InlineData("not not host = 'h'", "host = 'h'")]
    [InlineData("timestamp>='2026-11-24T08:00:00+01:00'", "timestamp >= '2026-11-24T07:00:00.0000000Z'")]
    [InlineData("properties.and = -1.50e+3", "properties.and = -1.50e+3")]
    [InlineData("(host='a' and source='b') and id='c'", "host = 'a' and source = 'b' and id = 'c'")]
    [InlineData(" \t( ( host = 'a' ) ) \n", "host = 'a'")]
    public void A_filter_reads_back_as_it_was_meant(string text, string? expected)
    {
        Assert.Equal(expected is not null, LogFilterParser.TryParse(text, out var filter, out _));
        Assert.Equal(expected, filter?.ToString());
        if (expected is null)
            return;
        Assert.True(LogFilterParser.TryParse(expected, out var again, out _));
        Assert.Equal(expected, again.ToString());
    }

    [Theory]
    [InlineData("", 0, "a name")]
    [InlineData("level", 5, "a comparison")]
    [InlineData("level =", 7, "a value")]
    [InlineData("level = 'loud'", 8, "a level in single quotes")]
    [InlineData("level = 3", 8, "a level in single quotes")]
    [InlineData("levels = 'x'", 0, "a name")]
    [InlineData("Order.Total > 5", 0, "properties.X")]
    [InlineData("message = 'open", 15, "a closing single quote")]
    [InlineData("message == 'x'", 9, "a value")]
    [InlineData("message = null", 10, "is null")]
    [InlineData("message.a = 1", 7, "no members")]
    [InlineData("properties. = 1", 11, "a member name")]
    [InlineData("properties[x] = 1", 11, "a member name in single quotes")]
    [InlineData("properties['x' = 1", 15, "]")]
    [InlineData("properties.x = 01", 15, "a value")]
    [InlineData("properties.x = 1.", 15, "a value")]
    [InlineData("properties.x < true", 15, "no order")]
    [InlineData("message like 5", 13, "a text")]
    [InlineData("level like 'x'", 11, "not text")]
    [InlineData("source in ()", 11, "a value")]
    [InlineData("source in ('a' 'b')", 15, ", or )")]
    [InlineData("source is 5", 10, "null")]
    [InlineData("source not 'x'", 11, "like or in")]
    [InlineData("(source = 'a'", 13, ")")]
    [InlineData("source = 'a')", 12, "the end of the filter")]
    [InlineData("source = 'a' host = 'b'", 13, "and, or")]
    [InlineData("source = 'a' or", 15, "a name")]
    [InlineData("timestamp > '2026-13-01T00:00:00Z'", 12, "RFC 3339")]
    [InlineData("timestamp > '2026-11-24'", 12, "RFC 3339")]
    [InlineData("source = 'a'; drop table Events", 12, "the end of the filter")]
    public void A_mistake_is_told_with_its_place_and_what_was_expected(string text, int position, string expected)
    {
        Assert.False(LogFilterParser.TryParse(text, out _, out var error));
        Assert.Equal(position, error.Position);
        Assert.Contains(expected, error.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        static string Nested(int depth) => new string('(', depth) + "host = 'a'" + new string(')', depth);
        Assert.True(LogFilterParser.TryParse(Nested(63), out _, out _));
        Assert.False(LogFilterParser.TryParse(Nested(64), out _, out var deep));
        Assert.Equal(64, deep.Position);
        Assert.False(LogFilterParser.TryParse(string.Concat(Enumerable.Repeat("not ", 2_000)) + "host = 'a'", out _, out _));
        Assert.False(LogFilterParser.TryParse("host = '" + new string('a', 8_192) + "'", out _, out _));
        Assert.True(LogFilterParser.TryParse(string.Join(" or ", Enumerable.Repeat("id='a'", 800)), out _, out _));
    }
}
