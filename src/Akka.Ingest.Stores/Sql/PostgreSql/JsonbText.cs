namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

/// <summary>
/// Tells which JSON PostgreSQL's jsonb takes and finds again as the filter language compares it. What it says no to is kept beside the
/// index, never refused.
/// </summary>
internal static class JsonbText
{
    private const int MaxDepth = 64;
    private const int MaxNumberLength = 64;
    private const int MaxExponent = 1_000;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>
    /// True for JSON without U+0000 and half surrogate pairs, whose numbers fit type numeric. Members of the same name are no matter:
    /// the last one counts here and there.
    /// </summary>
    public static bool IsTaken(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            var tokens = 0;
            while (reader.Read())
            {
                tokens++;
                var isTaken = reader.TokenType switch
                {
                    JsonTokenType.String or JsonTokenType.PropertyName => !reader.ValueIsEscaped || AreEscapesTaken(reader.ValueSpan),
                    JsonTokenType.Number => IsNumberTaken(reader.ValueSpan),
                    _ => true,
                };
                if (!isTaken)
                    return false;
            }

            return tokens > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>True for digits that type numeric takes without a second thought.</summary>
    public static bool IsNumberTaken(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > MaxNumberLength)
            return false;
        var e = digits.IndexOfAny((byte)'e', (byte)'E');
        return e < 0 || (int.TryParse(digits[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && Math.Abs(exponent) <= MaxExponent);
    }

    private static bool AreEscapesTaken(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'\\'); at >= 0; at = Next(text, at))
        {
            if (text[at + 1] != 'u')
            {
                at += 2;
                continue;
            }

            var code = Hex(text, at);
            at += 6;
            if (code == 0 || char.IsLowSurrogate(code))
                return false;
            if (!char.IsHighSurrogate(code))
                continue;
            if (text.Length < at + 6 || text[at] != '\\' || text[at + 1] != 'u' || !char.IsLowSurrogate(Hex(text, at)))
                return false;
            at += 6;
        }

        return true;
    }

    private static int Next(ReadOnlySpan<byte> text, int from)
    {
        var found = from >= text.Length ? -1 : text[from..].IndexOf((byte)'\\');
        return found < 0 ? -1 : from + found;
    }

    private static char Hex(ReadOnlySpan<byte> text, int at) =>
        (char)ushort.Parse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
