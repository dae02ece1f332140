namespace Akka.Ingest.Http;

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

/// <summary>Finds the API key a request carries: header <c>X-Api-Key</c>, <c>X-Seq-ApiKey</c>, <c>Authorization</c>, or <c>?apiKey=</c>.</summary>
internal static class ApiKeyReader
{
    /// <summary>The first key found; null for none. The literal text <c>null</c> is none: Seq's JavaScript clients send it.</summary>
    public static string? Read(HttpRequest request)
    {
        var headers = request.Headers;
        return Present(headers["X-Api-Key"])
            ?? Present(headers["X-Seq-ApiKey"])
            ?? FromAuthorization(headers.Authorization)
            ?? (request.QueryString.HasValue ? Present(request.Query["apiKey"]) : null);
    }

    /// <summary>Elasticsearch clients send <c>ApiKey base64(id:key)</c>: the part that is the key, or null where the text is no such pair.</summary>
    public static string? SecretOfPair(string text) =>
        Decode(text) is { } pair && pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? Present(pair[(colon + 1)..]) : null;

    private static string? FromAuthorization(StringValues values)
    {
        if (values.Count == 0 || values[0] is not { } value)
            return null;
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
            return null;
        var scheme = value.AsSpan(0, space);
        var rest = value[(space + 1)..].Trim();
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return SecretOfPair(rest);
        return scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            || scheme.Equals("ApiKey", StringComparison.OrdinalIgnoreCase)
            || scheme.Equals("Splunk", StringComparison.OrdinalIgnoreCase)
            ? Present(rest)
            : null;
    }

    private static string? Present(StringValues values) => values.Count == 0 ? null : Present(values[0]);

    private static string? Present(string? value) =>
        string.IsNullOrWhiteSpace(value) || value.Trim() is "null" ? null : value.Trim();

    private static string? Decode(string base64)
    {
        Span<byte> bytes = stackalloc byte[1_536];
        return base64.Length <= 2_048 && Convert.TryFromBase64String(base64, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes[..length])
            : null;
    }
}
