namespace Akka.Ingest.Tests.Redaction;

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

/// <summary>JSON with secrets planted under sensitive names, and the model of what redaction must leave of it.</summary>
internal abstract record Planted
{
    public const string Secret = "hunter2";

    private static readonly Gen<string> InnocentName = Gen.OneOf(
        "a", "id", "prompt_tokens", "tokenizer", "key", "Straße", "", "message", "level", "@x", "monkey", "x y", "😀", "a\"b");

    private static readonly Gen<string> SensitiveName = Gen.OneOf(
        "password", "PassWord", "pass_word", "userpassword", "passwordHash", "X-Api-Key", "apiKey", "Set-Cookie", "cookies",
        "access_token", "Authorization", "client.secret", "db connection string", "SESSION-ID", "credentials", "pwd2");

    private static readonly Gen<Planted> Leaf = Gen.OneOf(
        Gen.OneOf("", "text", "12:30 = x", "[main] go", "{x}", "é😀\u0001\"\\/", "null").Select(text => (Planted)new Text(text)),
        Gen.OneOf("0", "-1.50", "1E+2", "true", "null", "12345678901234567890").Select(raw => (Planted)new Raw(raw)));

    private static readonly Gen<Planted> SecretValue = Gen.OneOf(
        Gen.Const<Planted>(new Text(Secret)), Gen.Const<Planted>(new Text($"Bearer {Secret}, and; more")),
        Gen.Const<Planted>(new List([new Text(Secret), new Raw("1")])),
        Gen.Const<Planted>(new Members([("x", false, new List([new Text(Secret)])), ("y", false, new Text(Secret))])),
        Gen.Const<Planted>(new JsonInText(new Members([("x", false, new Text(Secret))]))));

    public static readonly Gen<Planted> Any = Gen.Recursive<Planted>((depth, inner) => depth > 2 ? Leaf : Gen.OneOf(
        Leaf, inner.Array[0, 3].Select(items => (Planted)new List(items)), Object(inner).Select(x => (Planted)x),
        Object(inner).Select(x => (Planted)new JsonInText(x))));

    public static readonly Gen<Members> AnyObject = Object(Any);

    /// <summary>What must come out.</summary>
    public abstract Planted Masked();

    public sealed record Text(string Value) : Planted
    {
        public override Planted Masked() => this;
    }

    public sealed record Raw(string Json) : Planted
    {
        public override Planted Masked() => this;
    }

    public sealed record List(IReadOnlyList<Planted> Items) : Planted
    {
        public override Planted Masked() => new List([.. Items.Select(item => item.Masked())]);
    }

    public sealed record Members(IReadOnlyList<(string Name, bool IsSecret, Planted Value)> Items) : Planted
    {
        public override Planted Masked() =>
            new Members([.. Items.Select(item => item with { Value = item.IsSecret ? new Text("***") : item.Value.Masked() })]);
    }

    public sealed record JsonInText(Planted Inner) : Planted
    {
        public override Planted Masked() => new JsonInText(Inner.Masked());
    }

    /// <param name="random">Spells names and texts with needless escapes and white space; null writes them plainly.</param>
    public string Write(Random? random)
    {
        var space = random is not null && random.Next(3) == 0 ? " " : "";
        return this switch
        {
            Text text => Quote(text.Value, random),
            Raw raw => raw.Json,
            List list => $"[{string.Join("," + space, list.Items.Select(item => item.Write(random)))}]",
            Members members => $"{{{space}{string.Join(',', members.Items.Select(item => $"{Quote(item.Name, random)}{space}:{space}{item.Value.Write(random)}"))}}}",
            JsonInText text => Quote(text.Inner.Write(random), random),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>The same for all ways to write the same values, texts that are JSON included.</summary>
    public static string Canonical(JsonNode? node) => node switch
    {
        JsonObject o => $"{{{string.Join(',', o.Select(member => $"{Quote(member.Key, null)}:{Canonical(member.Value)}"))}}}",
        JsonArray a => $"[{string.Join(',', a.Select(Canonical))}]",
        JsonValue v when v.GetValueKind() == JsonValueKind.String => CanonicalText(v.GetValue<string>()),
        null => "null",
        _ => node.ToJsonString(),
    };

    private static string CanonicalText(string text)
    {
        if (text.TrimStart() is not ['{' or '[', ..])
            return Quote(text, null);
        try
        {
            return $"<{Canonical(JsonNode.Parse(text))}>";
        }
        catch (JsonException)
        {
            return Quote(text, null);
        }
    }

    private static Gen<Members> Object(Gen<Planted> inner)
    {
        var plain = Gen.Select(InnocentName, inner, (name, value) => (name, false, value));
        var secret = Gen.Select(SensitiveName, SecretValue, (name, value) => (name, true, value));
        return Gen.OneOf(plain, plain, secret).Array[0, 4].Select(items => new Members([.. items.DistinctBy(item => item.Item1)]));
    }

    private static string Quote(string text, Random? random)
    {
        var json = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var scalar = rune.ToString();
            if (rune.Value < ' ' || (random is not null && random.Next(6) == 0))
                json.AppendJoin("", scalar.Select(c => $"\\u{(int)c:x4}"));
            else
                json.Append(scalar is "\"" or "\\" ? "\\" : "").Append(scalar);
        }

        return json.Append('"').ToString();
    }
}
