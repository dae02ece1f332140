namespace Akka.Ingest.Testing;

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Akka.Ingest.Model;

/// <summary>
/// The filter language once more, in the plainest way: over <see cref="JsonNode"/>, <see cref="decimal"/> and <see cref="string"/>. Shares
/// nothing with the code it checks.
/// </summary>
public abstract record ModelFilter
{
    public abstract string Render();

    public abstract bool Holds(ModelEvent item);

    public sealed record All(ModelFilter Left, ModelFilter Right) : ModelFilter
    {
        public override string Render() => $"({Left.Render()} AND {Right.Render()})";
        public override bool Holds(ModelEvent item) => Left.Holds(item) && Right.Holds(item);
    }

    public sealed record Any(ModelFilter Left, ModelFilter Right) : ModelFilter
    {
        public override string Render() => $"({Left.Render()} or {Right.Render()})";
        public override bool Holds(ModelEvent item) => Left.Holds(item) || Right.Holds(item);
    }

    public sealed record Not(ModelFilter Item) : ModelFilter
    {
        public override string Render() => $"not ({Item.Render()})";
        public override bool Holds(ModelEvent item) => !Item.Holds(item);
    }

    public sealed record IsNull(string Path) : ModelFilter
    {
        public override string Render() => $"{Path} is null";
        public override bool Holds(ModelEvent item) => item.Find(Path, out _) is null;
    }

    public sealed record Has(string Path) : ModelFilter
    {
        public override string Render() => $"has( {Path} )";
        public override bool Holds(ModelEvent item)
        {
            item.Find(Path, out var isThere);
            return isThere;
        }
    }

    public sealed record Like(string Path, string Pattern) : ModelFilter
    {
        public override string Render() => $"{Path} like {Quote(Pattern)}";

        public override bool Holds(ModelEvent item) =>
            item.Find(Path, out _) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            && Regex.IsMatch(
                value.GetValue<string>().ToUpperInvariant(),
                "^" + string.Join(".*", Pattern.ToUpperInvariant().Split('%').Select(Regex.Escape)) + "\\z",
                RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    public sealed record In(string Path, object[] Values) : ModelFilter
    {
        public override string Render() => $"{Path} in ({string.Join(",", Values.Select(Literal))})";
        public override bool Holds(ModelEvent item) => Values.Any(value => new Compare(Path, "=", value).Holds(item));
    }

    public sealed record Compare(string Path, string Operator, object Value) : ModelFilter
    {
        public override string Render() => $"{Path} {Operator} {Literal(Value)}";

        public override bool Holds(ModelEvent item) => Order(item) is { } order && Operator switch
        {
            "=" => order == 0,
            "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };

        private int? Order(ModelEvent item)
        {
            if (Path == "level")
                return item.Severity.CompareTo(Enum.Parse<Severity>((string)Value));
            if (Path == "timestamp")
                return item.Ticks.CompareTo(DateTimeOffset.Parse((string)Value, CultureInfo.InvariantCulture).UtcTicks);
            if (item.Find(Path, out _) is not JsonValue value)
                return null;
            return (value.GetValueKind(), Value) switch
            {
                (JsonValueKind.String, string text) => CompareScalars(value.GetValue<string>(), text),
                (JsonValueKind.Number, decimal number) => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture).CompareTo(number),
                (JsonValueKind.True, bool truth) => true.CompareTo(truth),
                (JsonValueKind.False, bool truth) => false.CompareTo(truth),
                _ => null,
            };
        }

        private static int CompareScalars(string left, string right)
        {
            foreach (var (a, b) in left.EnumerateRunes().Zip(right.EnumerateRunes()))
            {
                if (a != b)
                    return a.Value.CompareTo(b.Value);
            }

            return left.EnumerateRunes().Count().CompareTo(right.EnumerateRunes().Count());
        }
    }

    private static string Literal(object value) => value switch
    {
        string text => Quote(text),
        bool truth => truth ? "TRUE" : "false",
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{value}"),
    };

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}

/// <summary>An event as the model sees it.</summary>
public sealed record ModelEvent(FedEvent Fed)
{
    private readonly JsonObject _fields = ToJson(Fed);

    public Severity Severity => Fed.Event.Severity;
    public long Ticks => Fed.Event.Ticks;

    /// <summary>The value at a path of dots and <c>[index]</c>; null for absent and for JSON null.</summary>
    public JsonNode? Find(string path, out bool isThere)
    {
        JsonNode? node = _fields;
        isThere = false;
        foreach (var step in path.Replace("[", ".#", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.'))
        {
            isThere = false;
            if (step[0] == '#')
            {
                var index = int.Parse(step[1..], CultureInfo.InvariantCulture);
                if (node is not JsonArray array || index >= array.Count)
                    return null;
                node = array[index];
            }
            else if (node is not JsonObject parent || !parent.TryGetPropertyValue(step, out node))
            {
                return null;
            }

            isThere = true;
        }

        return node;
    }

    public bool HasText(string text)
    {
        bool In(string name) => _fields[name] is { } field && field.GetValue<string>().ToUpperInvariant().Contains(text.ToUpperInvariant(), StringComparison.Ordinal);
        return In(_fields.ContainsKey("message") ? "message" : "messageTemplate") || In("exception");
    }

    private static JsonObject ToJson(FedEvent fed)
    {
        var json = new JsonObject();
        foreach (var (field, text) in fed.Event.Fields)
            json[JsonNamingPolicy.CamelCase.ConvertName(field.ToString())] = field.IsJson() ? JsonNode.Parse(text) : JsonValue.Create(text);
        json["level"] = fed.Event.Severity.ToString();
        json["id"] = fed.Id.ToString();
        if (fed.ApiKeyId.Length > 0)
            json["apiKeyId"] = fed.ApiKeyId;
        return json;
    }
}
