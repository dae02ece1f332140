namespace Akka.Ingest.Tests.Parsing;

using Akka.Ingest.Model;
using Xunit;

public class NativeEventTests
{
    [Fact]
    public void Every_named_field_lands_where_the_contract_says()
    {
        var e = Decoded.Event("""
            {"timestamp":"2026-01-02T03:04:05.120+01:00","level":"warn","message":"a \"b\" \u00e9\n","messageTemplate":"a {B}","exception":"E: x",
            "traceId":"t","spanId":"s","source":"svc","host":"h","environment":"prod","category":"Cat",
            "body":{"x":1.0e5},"headers":{"h":"v"},"properties":{"p":[1,2.50]}}
            """);
        Assert.Equal("2026-01-02T02:04:05.120Z", e.Timestamp);
        Assert.Equal(Severity.Warning, e.Severity);
        Assert.Equal(
            new string?[] { "a \"b\" é\n", "a {B}", "E: x", "t", "s", "svc", "h", "prod", "Cat", """{"x":1.0e5}""", """{"h":"v"}""", """{"p":[1,2.50]}""" },
            e.Fields);
    }

    [Fact]
    public void An_absent_or_null_timestamp_is_the_time_of_receipt()
    {
        Assert.Equal("2026-11-24T08:00:00.1234560Z", Decoded.Event("""{"message":""}""").Timestamp);
        Assert.Equal("2026-11-24T08:00:00.1234560Z", Decoded.Event("""{"message":"","timestamp":null}""").Timestamp);
    }

    [Fact]
    public void Unknown_names_go_to_the_properties_and_explicit_properties_come_last()
    {
        var e = Decoded.Event("""{"properties":{"a":1},"message":"m","a":2,"zoo" : {"k":[true]},"n":null}""");
        Assert.Equal("""{"a":2,"zoo" : {"k":[true]},"n":null,"a":1}""", e.Properties);
        Assert.Equal("""{"x":1}""", Decoded.Event("""{"message":"m","x":1,"properties":{ }}""").Properties);
        Assert.Equal("""{ }""", Decoded.Event("""{"message":"m","properties":{ }}""").Properties);
        Assert.Null(Decoded.Event("""{"message":"m"}""").Properties);
    }

    [Theory]
    [InlineData("\"Information\"", Severity.Information, null)]
    [InlineData("\"VERBOSE\"", Severity.Trace, null)]
    [InlineData("\"emerg\"", Severity.Critical, null)]
    [InlineData("\"err\"", Severity.Error, null)]
    [InlineData("\"notice\"", Severity.Information, null)]
    [InlineData("\"f\\u0061tal\"", Severity.Critical, null)]
    [InlineData("1", Severity.Trace, null)]
    [InlineData("8", Severity.Debug, null)]
    [InlineData("12", Severity.Information, null)]
    [InlineData("13", Severity.Warning, null)]
    [InlineData("20", Severity.Error, null)]
    [InlineData("24", Severity.Critical, null)]
    [InlineData("null", Severity.Information, null)]
    [InlineData("25", Severity.Information, "{\"level\":25}")]
    [InlineData("9.5", Severity.Information, "{\"level\":9.5}")]
    [InlineData("\"loud\"", Severity.Information, "{\"level\":\"loud\"}")]
    [InlineData("{\"a\":1}", Severity.Information, "{\"level\":{\"a\":1}}")]
    public void A_level_is_folded_in_and_an_unknown_one_is_kept(string level, Severity expected, string? properties)
    {
        var e = Decoded.Event($$"""{"message":"m","level":{{level}}}""");
        Assert.Equal(expected, e.Severity);
        Assert.Equal(properties, e.Properties);
    }

    [Fact]
    public void A_text_field_of_another_type_keeps_its_json_as_text()
    {
        var e = Decoded.Event("""{"message":{"a":[1, 2]},"source":12.50,"category":true,"exception":null}""");
        Assert.Equal("""{"a":[1, 2]}""", e.Message);
        Assert.Equal("12.50", e.Source);
        Assert.Equal("true", e.Category);
        Assert.Null(e.Exception);
    }

    [Fact]
    public void Headers_and_properties_that_are_no_objects_are_kept_as_properties()
    {
        var e = Decoded.Event("""{"message":"m","headers":["a","b"],"properties":5}""");
        Assert.Null(e.Headers);
        Assert.Equal("""{"headers":["a","b"],"properties":5}""", e.Properties);
    }

    [Fact]
    public void A_field_given_twice_keeps_the_last_value_and_nothing_is_lost()
    {
        var e = Decoded.Event(
            """{"message":"one","level":"debug","message":"two","timestamp":"2026-01-01T00:00:00Z","level":"error","timestamp":"2027-01-01T00:00:00Z"}""");
        Assert.Equal("two", e.Message);
        Assert.Equal(Severity.Error, e.Severity);
        Assert.Equal("2027-01-01T00:00:00Z", e.Timestamp);
        Assert.Equal("""{"message":"one","level":"debug","timestamp":"2026-01-01T00:00:00Z"}""", e.Properties);
    }

    [Fact]
    public void Escaped_names_are_the_names_they_stand_for()
    {
        Assert.Equal("m", Decoded.Event("""{"m\u0065ssage":"m"}""").Message);
    }

    [Fact]
    public void Lone_surrogates_in_a_text_become_replacement_characters_and_stay_as_sent_in_json()
    {
        var e = Decoded.Event("""{"message":"a\ud800b\udc00\ud83d\ude00","body":"\ud800"}""");
        Assert.Equal("a\uFFFDb\uFFFD😀", e.Message);
        Assert.Equal("""
            "\ud800"
            """, e.Body);
    }

    [Fact]
    public void Nul_and_scalars_of_every_plane_survive()
    {
        var e = Decoded.Event("""{"message":"a\u0000b\u007f\uffff","properties":{"k\u0000":"\u0000𝄞"}}""");
        Assert.Equal("a\0b\u007f\uffff", e.Message);
        Assert.Equal("""{"k\u0000":"\u0000𝄞"}""", e.Properties);
    }

    [Fact]
    public void Json_values_are_kept_digit_for_digit_with_duplicates()
    {
        const string json = """{"a":1E+400,"a":-0.0,"b":123456789012345678901234567890,"c":"\/\u0041","":[ ],"d":[[],{}]}""";
        Assert.Equal(json, Decoded.Event($$"""{"message":"m","properties":{{json}}}""").Properties);
    }

    [Theory]
    [InlineData("{\"message\":\"1\"}\n{\"message\":\"2\"}\n")]
    [InlineData("\uFEFF{\"message\":\"1\"}\r\n\r\n{\"message\":\"2\"}")]
    [InlineData("{\"message\":\"1\"}{\"message\":\"2\"}")]
    [InlineData("  {\n  \"message\": \"1\"\n}\n{\n\"message\"\n:\n\"2\"}  ")]
    [InlineData("[{\"message\":\"1\"},{\"message\":\"2\"}]")]
    [InlineData("\uFEFF \r\n[\n{\"message\":\"1\"} ,\n{\"message\":\"2\"}\n]\n")]
    public void The_form_of_the_body_tells_how_its_events_are_written(string body)
    {
        Assert.Equal(["1", "2"], Decoded.Events(body).Select(e => e.Message));
    }

    [Fact]
    public void An_event_written_over_several_lines_has_no_line_breaks_in_its_record()
    {
        var e = Decoded.Event("{\n\"message\":\"m\",\n\"body\": {\n  \"a\" : \"x y\\n\\\"\",\r\n  \"b\": [ 1,\n 2 ]\n},\n\"other\":\n5}");
        Assert.Equal("""{"a":"x y\n\"","b":[1,2]}""", e.Body);
        Assert.Equal("""{"other":5}""", e.Properties);
    }

    [Fact]
    public void An_empty_array_holds_no_events_and_is_fine()
    {
        Assert.Empty(Decoded.Events("[]"));
    }

    [Fact]
    public void Many_events_make_several_chunks_that_hold_them_all_in_order()
    {
        var body = string.Concat(Enumerable.Range(0, 5_000).Select(i => $$"""{"message":"{{i}} {{new string('x', i % 300)}}"}""" + "\n"));
        var events = Decoded.Events(body);
        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => $"{i} {new string('x', i % 300)}"), events.Select(e => e.Message));
    }
}
