namespace Akka.Ingest.Http;

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Akka.Ingest.Model;
using Microsoft.AspNetCore.Http;

/// <summary>The declared identity of a request, from header <c>Idempotency-Key</c> (a quoted string, or bare).</summary>
internal static class IdempotencyKeyReader
{
    public const string Header = "Idempotency-Key";
    private const int MaxChars = 255;

    // One tenant until tenants exist.
    private const string Tenant = "";

    private static readonly IngestError Malformed = new(
        IngestErrorKind.InvalidContent, "Idempotency-Key must be 1 to 255 characters, best as a quoted string, and stand once.");

    /// <summary>Sets <paramref name="identity"/> where the request declares one; an error where it tries to and fails.</summary>
    public static IngestError? Read(HttpRequest request, string apiKeyId, ReadOnlySpan<byte> body, out IdempotencyIdentity? identity)
    {
        identity = null;
        var header = request.Headers[Header];
        if (header.Count == 0)
            return null;
        var key = header.Count == 1 ? Unquote(header[0] ?? "") : null;
        if (key is not { Length: >= 1 and <= MaxChars })
            return Malformed;
        identity = new IdempotencyIdentity(HashKey(apiKeyId, request.Path.Value ?? "", key), HashBody(body));
        return null;
    }

    private static string? Unquote(string value)
    {
        value = value.Trim();
        if (value is not ['"', ..])
            return value;
        return value is ['"', .. var inner, '"'] ? inner.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) : null;
    }

    // Each part is preceded by its length, so that no two different sets of parts give the same bytes.
    private static UInt128 HashKey(string apiKeyId, string path, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in (ReadOnlySpan<string>)[Tenant, apiKeyId, path.ToLowerInvariant().TrimEnd('/'), key])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        Span<byte> result = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(result);
        return BinaryPrimitives.ReadUInt128BigEndian(result);
    }

    private static UInt128 HashBody(ReadOnlySpan<byte> body)
    {
        Span<byte> result = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, result);
        return BinaryPrimitives.ReadUInt128BigEndian(result);
    }
}
