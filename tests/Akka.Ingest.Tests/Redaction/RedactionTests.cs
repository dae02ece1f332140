namespace Akka.Ingest.Tests.Redaction;

using System.Text;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Tests.Parsing;
using Xunit;

public class RedactionTests
{
    [Fact]
    public void The_value_of_a_sensitive_name_is_masked_at_any_depth_whatever_its_type()
    {
        var e = Decoded.Event("""
            {"message":"m","headers":{"Authorization":"Bearer s3cret","Host":"h"},"body":{"a":[{"pwd":12345},{"b":{"Api_Key":null}}]},
            "token":["s3cret",{"x":"s3cret"}],"properties":{"p":{"credentials":{"user":"u","x":{"y":["s3cret"]}},"q":1}}}
            """.ReplaceLineEndings(""));
        Assert.Equal("""{"Authorization":"***","Host":"h"}""", e.Headers);
        Assert.Equal("""{"a":[{"pwd":"***"},{"b":{"Api_Key":"***"}}]}""", e.Body);
        Assert.Equal("""{"token":"***","p":{"credentials":"***","q":1}}""", e.Properties);
    }

    [Fact]
    public void Clef_properties_are_masked()
    {
        var e = Decoded.Event("""{"@t":"2026-01-01T00:00:00Z","@mt":"x","Password":"p","@@secret":"p","A":{"pass\u0077ord":"p"},"@r":[1]}""", EventFormat.Clef);
        Assert.Equal("""{"Password":"***","@secret":"***","A":{"pass\u0077ord":"***"},"@r":[1]}""", e.Properties);
    }

    [Fact]
    public void Properties_of_the_older_seq_form_are_masked()
    {
        var e = Decoded.Event("""{"Events":[{"MessageTemplate":"t","Properties":{"ApiKey":"p"},"ClientSecret":"p"}]}""", EventFormat.SeqRaw);
        Assert.Equal("""{"ClientSecret":"***","ApiKey":"***"}""", e.Properties);
    }

    [Theory]
    [InlineData("""{"password":"p","a":1}""", """{"password":"***","a":1}""")]
    [InlineData(""" [ {"a":{"token": 5}}, 2 ] """, """ [ {"a":{"token": "***"}}, 2 ] """)]
    [InlineData("""{"a":"{\"secret\":\"p\"}"}""", """{"a":"{\"secret\":\"***\"}"}""")]
    [InlineData("""{"a":"{\"b\":\"[{\\\"pa\\u0073sword\\\":\\\"p\\\"}]\"}"}""", """{"a":"{\"b\":\"[{\\\"password\\\":\\\"***\\\"}]\"}"}""")]
    [InlineData("""{"password":"p","a":1} and so on""", """{"password":"***","a":1} and so on""")]
    [InlineData("""{"user":"u","password":"p, cut of""", """{"user":"u","password":"***""")]
    [InlineData("""{"user":"u","password" = p, cut}""", """{"user":"u","password" = ***""")]
    [InlineData("""
        "{\"password\":\"p\"}"
        """, """
        "{\"password\":\"***\"}"
        """)]
    public void Json_inside_a_text_is_masked_as_well(string text, string expected)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(text);
        var e = Decoded.Event($$$"""{"message":{{{json}}},"messageTemplate":{{{json}}},"exception":{{{json}}},"body":{{{json}}},"properties":{"v":[{{{json}}}]}}""");
        Assert.Equal([expected, expected, expected], [e.Message!, e.Template!, e.Exception!]);
        Assert.Equal(expected, System.Text.Json.JsonSerializer.Deserialize<string>(e.Body!));
        Assert.Equal(expected, System.Text.Json.Nodes.JsonNode.Parse(e.Properties!)!["v"]![0]!.GetValue<string>());
    }

    [Theory]
    [InlineData("[main] password: changed")]
    [InlineData("{not json} token=1")]
    [InlineData("""{"a": "b", "c": [1, 2""")]
    [InlineData("""{"note":"the password: is asked for"}""")]
    [InlineData("password: p")]
    public void A_text_that_is_no_json_with_a_sensitive_name_stays_as_it_is(string text)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(text);
        Assert.Equal(text, Decoded.Event($$"""{"message":{{json}}}""").Message);
    }

    [Fact]
    public void Json_far_down_in_json_is_masked_by_the_text_rules()
    {
        var text = """{"password":"hunter2","z":1}""";
        for (var i = 0; i < 10; i++)
            text = $$"""{"a":{{System.Text.Json.JsonSerializer.Serialize(text, RelaxedOptions)}}}""";
        var e = Decoded.Event($$"""{"message":"m","body":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""");
        Assert.DoesNotContain("hunter2", e.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_patterns_mask_every_text_and_number()
    {
        var options = new RedactionOptions { Mask = "[\"x\"]" };
        options.Patterns["card"] = @"\b\d{4}-?\d{4}-?\d{4}-?\d{4}\b";
        options.Patterns["look-around"] = @"(?<=iban )\w+";
        var e = Decoded.Event(
            """{"message":"pay 4111-1111-1111-1111 now","exception":"iban DE123","body":["4111111111111111",4111111111111111,12],"source":"\u0034111111111111111"}""",
            options: options);
        Assert.Equal("pay [\"x\"] now", e.Message);
        Assert.Equal("iban [\"x\"]", e.Exception);
        Assert.Equal("""["[\"x\"]","[\"x\"]",12]""", e.Body);
        Assert.Equal("[\"x\"]", e.Source);
    }

    [Fact]
    public void A_pattern_that_takes_too_long_masks_the_whole_text()
    {
        var options = new RedactionOptions();
        options.Patterns["slow"] = @"(?!z)^(a+)+$";
        Assert.Equal("***", Decoded.Event($$"""{"message":"{{new string('a', 40)}}b"}""", options: options).Message);
    }

    [Fact]
    public void A_pattern_that_is_none_is_named_in_the_error()
    {
        var options = new RedactionOptions();
        options.Patterns["broken"] = "(";
        var error = Assert.Throws<ArgumentException>(() => Decoded.Parser(options));
        Assert.Contains("Redaction:Patterns:broken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configured_keys_add_to_the_defaults_and_cover_the_events_own_fields()
    {
        var options = new RedactionOptions { Mask = "", SensitiveKeys = ["host", "Body", "headers", "e-mail"] };
        var e = Decoded.Event(
            """{"message":"m","host":"h","body":{"a":1},"headers":{"a":"1"},"properties":{"E_Mail":"x","password":"p"}}""", options: options);
        Assert.Equal("", e.Fields[(int)EventField.Host]);
        Assert.Equal("\"\"", e.Body);
        Assert.Null(e.Headers);
        Assert.Equal("""{"headers":"","E_Mail":"","password":""}""", e.Properties);
    }

    [Theory]
    [InlineData("plain \"quoted\" é text, long enough to be cut here and there, plain text, plain text, plain text")]
    [InlineData("ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019")]
    public void A_long_body_is_cut_to_a_text_with_a_mark(string text)
    {
        var options = new RedactionOptions { MaxBodyLength = 64 };
        var json = System.Text.Json.JsonSerializer.Serialize(text, RelaxedOptions);
        var body = Decoded.Event($$"""{"body":{{json}}}""", options: options).Body!;
        Assert.InRange(Encoding.UTF8.GetByteCount(body), 50, 64);
        var cut = System.Text.Json.JsonSerializer.Deserialize<string>(body)!;
        var kept = cut[..cut.IndexOf("…[truncated ", StringComparison.Ordinal)];
        Assert.StartsWith(kept, text, StringComparison.Ordinal);
        Assert.EndsWith($"…[truncated {Encoding.UTF8.GetByteCount(text) - Encoding.UTF8.GetByteCount(kept)} bytes]", cut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_body_is_masked_before_it_is_cut()
    {
        var options = new RedactionOptions { MaxBodyLength = 64 };
        var body = Decoded.Event($$$"""{"body":{"password":"hunter2 {{{new string('x', 100)}}}","b":"{{{new string('y', 100)}}}"}}""", options: options).Body!;
        Assert.StartsWith("\"{\\\"password\\\":\\\"***\\\",\\\"b\\\":\\\"yy", body, StringComparison.Ordinal);
    }

    private static readonly System.Text.Json.JsonSerializerOptions RelaxedOptions =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
