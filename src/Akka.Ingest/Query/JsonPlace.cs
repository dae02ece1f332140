namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Text.Json;

internal enum JsonKind : byte
{
    Absent,
    Null,
    Text,
    Number,
    True,
    False,

    /// <summary>An object or an array.</summary>
    Composite,
}

/// <summary>Finds a place inside a JSON value without building a tree. Of members of the same name the last one counts.</summary>
internal static class JsonPlace
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1_024 };

    /// <summary>The bytes of the value the steps lead to, quotes and escapes included; empty where there is none.</summary>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, ImmutableArray<FilterStep> steps, JsonText text)
    {
        foreach (var step in steps)
        {
            if (json.IsEmpty)
                return json;
            json = step.Member is null ? Element(json, step.Index) : Member(json, step.Member, text);
        }

        return json;
    }

    public static JsonKind KindOf(ReadOnlySpan<byte> value)
    {
        var start = value.IndexOfAnyExcept(" \t\r\n"u8);
        return start < 0 ? JsonKind.Absent : value[start] switch
        {
            (byte)'"' => JsonKind.Text,
            (byte)'n' => JsonKind.Null,
            (byte)'t' => JsonKind.True,
            (byte)'f' => JsonKind.False,
            (byte)'{' or (byte)'[' => JsonKind.Composite,
            _ => JsonKind.Number,
        };
    }

    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, byte[] name, JsonText text)
    {
        var reader = new Utf8JsonReader(json, Options);
        ReadOnlySpan<byte> found = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return found;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueIsEscaped ? text.Unescape(reader.ValueSpan).SequenceEqual(name) : reader.ValueSpan.SequenceEqual(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
                found = json[start..(int)reader.BytesConsumed];
        }

        return found;
    }

    private static ReadOnlySpan<byte> Element(ReadOnlySpan<byte> json, int index)
    {
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return default;
        for (var at = 0; ; at++)
        {
            if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray)
                return default;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (at == index)
                return json[start..(int)reader.BytesConsumed];
        }
    }
}
