namespace Akka.Ingest.Testing;

using System.Globalization;
using Akka.Ingest.Model;

/// <summary>Random events and filters that have something to do with each other. The same seed gives the same.</summary>
public sealed class ModelGenerator(int seed)
{
    private static readonly string[] Texts =
    [
        "", "a", "A", "b", "hello world", "HELLO WORLD", "größe", "GRÖßE", "GRÖSSE", "σίσυφος", "ΣΊΣΥΦΟΣ", "日本語", "\U0001F600 smile", "\uFFFD", "\uE000",
        "it's 100%", "a_b", "a%b", "\u0000", "x\u0000y", "line\nbreak", "1", "true", "null", "ſtrange", "K", "\U00010428", "\U00010400",
    ];

    private static readonly string[] Numbers =
        ["0", "-0", "1", "1.0", "10e-1", "1E0", "-1", "1.5", "100", "1e2", "9007199254740992", "9007199254740993", "0.1", "0.10000000000000001", "123456789012345678901234567"];

    private static readonly string[] Paths =
    [
        "message", "messageTemplate", "exception", "source", "host", "environment", "category", "traceId", "spanId", "apiKeyId", "id", "body", "body.a",
        "headers", "headers.Host", "properties", "properties.a", "properties.a", "properties.a.b", "properties.a.b.c", "properties.a[0]", "properties.a[1].b", "properties.größe",
    ];

    private readonly Random _random = new(seed);

    public T Pick<T>(params IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public int Next(int bound) => _random.Next(bound);

    public string Text() => Pick(Texts);

    public SpecEvent NextEvent()
    {
        var fields = new Dictionary<EventField, string>();
        foreach (var field in Enum.GetValues<EventField>())
        {
            if (_random.Next(3) != 0)
                continue;
            fields[field] = field switch
            {
                EventField.Properties => Composite("größe"),
                EventField.Headers => $$"""{"Host":{{Quoted(Text())}}}""",
                EventField.Body => Value(2),
                EventField.TraceId => Pick("0af7651916cd43dd8448eb211c80319c", "0af7651900000000000000000000000f", "x"),
                _ => Text(),
            };
        }

        return new SpecEvent { Fields = fields, Severity = (Severity)_random.Next(6), Ticks = TestEvents.ReceivedAt.Ticks + _random.Next(40) };
    }

    public ModelFilter NextFilter(int depth = 3) => _random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => new ModelFilter.IsNull(Pick(Paths)),
        1 => new ModelFilter.Has(Pick(Paths)),
        2 => new ModelFilter.Like(Pick(Paths), Pattern()),
        3 => new ModelFilter.In(Pick(Paths), [.. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Literal())]),
        4 => Comparison(),
        5 => new ModelFilter.Compare(Pick("level", "level", "timestamp"), Operator(), "").Fill(this),
        6 => new ModelFilter.All(NextFilter(depth - 1), NextFilter(depth - 1)),
        7 => new ModelFilter.Any(NextFilter(depth - 1), NextFilter(depth - 1)),
        _ => new ModelFilter.Not(NextFilter(depth - 1)),
    };

    internal string Time() => TestEvents.ReceivedAt.AddTicks(_random.Next(40)).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private ModelFilter.Compare Comparison()
    {
        var literal = Literal();
        return new ModelFilter.Compare(Pick(Paths), literal is bool ? Pick("=", "<>") : Operator(), literal);
    }

    private string Operator() => Pick("=", "<>", "<", "<=", ">", ">=");

    private object Literal() => _random.Next(4) switch
    {
        0 => decimal.Parse(Pick(Numbers), NumberStyles.Float, CultureInfo.InvariantCulture),
        1 => _random.Next(2) == 0,
        _ => Text(),
    };

    private string Pattern() => Pick("", "%") + Pick(Text(), Text(), "o", "s", "K", "ß") + Pick("", "%", "%l%", "%D");

    private string Composite(string extra) => $$"""{"a":{{Value(3)}}, "{{extra}}" : {{Value(0)}}}""";

    private string Value(int depth) => _random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => "null",
        1 => Pick("true", "false"),
        2 or 3 => _random.Next(2) == 0 ? Pick(Numbers) : Quoted(Text()),
        4 => Quoted(Text()),
        5 => $"[{Value(depth - 1)},{Value(depth - 1)}]",
        _ => $$"""{"b" : {{Value(depth - 1)}},"c":{{Value(0)}}}""",
    };

    private string Quoted(string text) => _random.Next(2) == 0
        ? System.Text.Json.JsonSerializer.Serialize(text)
        : $"\"{System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}

internal static class ModelFilterFilling
{
    public static ModelFilter.Compare Fill(this ModelFilter.Compare compare, ModelGenerator random) =>
        compare with { Value = compare.Path == "level" ? ((Severity)random.Next(6)).ToString() : random.Time() };
}
