namespace Akka.Ingest.Tests.Redaction;

using System.Text.Json.Nodes;
using Akka.Ingest.Parsing;
using Akka.Ingest.Tests.Parsing;
using CsCheck;
using Xunit;

public class RedactionModelTests
{
    [Fact]
    public void Planted_secrets_never_come_out_and_everything_else_does()
    {
        Gen.Select(Planted.AnyObject, Gen.Int).Sample((json, seed) =>
        {
            var text = json.Write(new Random(seed));
            var expected = Expected(json);
            var inText = new Planted.JsonInText(json).Write(new Random(seed));
            var native = Decoded.Event($$"""{"message":{{inText}},"body":{{text}},"headers":{{text}},"properties":{{text}},"other":1}""");
            Assert.Equal(expected, Canonical(native.Message!));
            Assert.Equal(expected, Canonical(native.Body!));
            Assert.Equal(expected, Canonical(native.Headers!));
            var properties = JsonNode.Parse(native.Properties!)!.AsObject();
            properties.Remove("other");
            Assert.Equal(expected, Planted.Canonical(properties));

            var clef = Decoded.Event($$"""{"@m":{{inText}},"v":{{text}},"w":[{{inText}}]}""", EventFormat.Clef);
            Assert.Equal(expected, Canonical(clef.Message!));
            var members = JsonNode.Parse(clef.Properties!)!;
            Assert.Equal(expected, Planted.Canonical(members["v"]));
            Assert.Equal(expected, Canonical(members["w"]![0]!.GetValue<string>()));

            var rejected = Decoded.Events($$"""{"timestamp":"x","v":{{text}}}""", invalid: InvalidEvents.DeadLetter)[0];
            Assert.True(rejected.IsRejected);
            Assert.Equal(expected, Planted.Canonical(JsonNode.Parse(rejected.Message!)!["v"]));
        }, iter: 1_500);
    }

    [Fact]
    public void A_line_cut_anywhere_keeps_no_secret()
    {
        Gen.Select(Planted.AnyObject, Gen.Double[0, 1]).Sample((json, where) =>
        {
            var line = $$"""{"message":"m","v":{{json.Write(null)}}}""";
            AssertNoSecret(line[..(1 + (int)(where * (line.Length - 1)))]);
        }, iter: 1_500);
    }

    [Fact]
    public void A_line_broken_between_any_two_tokens_keeps_no_secret()
    {
        var junk = Gen.OneOf("@", "}", "]", ",", "\"", "x:", "'", "\0", "\u00a0", "{", "\n", "\n  ");
        Gen.Select(Planted.AnyObject, Gen.Double[0, 1], junk).Sample((json, where, inserted) =>
        {
            var line = $$"""{"message":"m","v":{{json.Write(null)}}}""";
            var gaps = Gaps(line);
            AssertNoSecret(line.Insert(gaps[(int)(where * (gaps.Count - 1))], inserted));
        }, iter: 1_500);
    }

    private static void AssertNoSecret(string body)
    {
        foreach (var format in new[] { EventFormat.Clef, EventFormat.Native })
        {
            foreach (var e in Decoded.Events(body, format, InvalidEvents.DeadLetter))
                Assert.All(e.Fields, field => Assert.DoesNotContain("hunt", field ?? "", StringComparison.Ordinal));
        }
    }

    private static string Expected(Planted json) => Canonical(json.Masked().Write(null));

    private static string Canonical(string json) => Planted.Canonical(JsonNode.Parse(json));

    /// <summary>Positions outside of strings, right behind an opening bracket, a comma or a colon.</summary>
    private static List<int> Gaps(string json)
    {
        var gaps = new List<int>();
        var isText = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] == '"')
                isText = !isText;
            else if (isText && json[i] == '\\')
                i++;
            else if (!isText && json[i] is '{' or '[' or ',' or ':')
                gaps.Add(i + 1);
        }

        return gaps;
    }
}
