namespace Akka.Ingest.Query;

using System.Collections.Frozen;

/// <summary>Words of the filter language.</summary>
internal static class FilterSyntax
{
    /// <summary>Longest expression taken, in UTF-16 units.</summary>
    public const int MaxLength = 8_192;

    /// <summary>Deepest nesting of parentheses and <c>not</c>.</summary>
    public const int MaxDepth = 64;

    public const string Names =
        "a name (level, timestamp, receivedAt, message, messageTemplate, exception, traceId, spanId, source, host, environment, " +
        "category, id, apiKeyId, body, headers.X, properties.X)";

    private static readonly FrozenDictionary<string, FilterName> ByText = Enum.GetValues<FilterName>()
        .ToFrozenDictionary(TextOf, StringComparer.OrdinalIgnoreCase);

    public static bool TryGetName(string text, out FilterName name) => ByText.TryGetValue(text, out name);

    public static string TextOf(FilterName name)
    {
        var text = name.ToString();
        return char.ToLowerInvariant(text[0]) + text[1..];
    }

    /// <summary>Characters a name starts with.</summary>
    public static bool IsNameStart(char c) => char.IsLetter(c) || c == '_' || c == '@' || c == '$';

    /// <summary>
    /// Characters of a member after a dot. The hyphen is one of them (<c>headers.User-Agent</c>): the language has no
    /// subtraction. Everything else is reached as <c>properties['any name']</c>.
    /// </summary>
    public static bool IsMemberCharacter(char c) => char.IsLetterOrDigit(c) || c is '_' or '-' or '@' or '$';
}
