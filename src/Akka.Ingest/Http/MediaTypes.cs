namespace Akka.Ingest.Http;

using Akka.Ingest.Parsing;

/// <summary>Media types of native calls.</summary>
internal static class MediaTypes
{
    public const string Taken = "application/json, application/x-ndjson, application/vnd.serilog.clef, each in UTF-8; or none, then the form tells";

    private static readonly string[] Json =
        ["application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];

    /// <summary>Null for a media type that is not taken.</summary>
    public static EventFormat? FormatOf(string? contentType)
    {
        if (string.IsNullOrWhiteSpace(contentType))
            return EventFormat.Native;
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        if (semicolon >= 0 && !IsUtf8(contentType.AsSpan(semicolon + 1)))
            return null;
        var name = (semicolon < 0 ? contentType.AsSpan() : contentType.AsSpan(0, semicolon)).Trim();
        foreach (var json in Json)
        {
            if (name.Equals(json, StringComparison.OrdinalIgnoreCase))
                return EventFormat.Native;
        }

        return name.Equals("application/vnd.serilog.clef", StringComparison.OrdinalIgnoreCase) ? EventFormat.Clef : null;
    }

    // ASCII is UTF-8; other parameters do not matter.
    private static bool IsUtf8(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (!parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase))
                continue;
            var charset = parameter["charset=".Length..].Trim().Trim('"');
            return charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
        }

        return true;
    }
}
