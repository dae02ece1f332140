namespace Akka.Ingest.Http;

using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using ZstdSharp;
using ZstdSharp.Unsafe;

/// <summary>How a body is compressed.</summary>
internal enum BodyCoding
{
    Identity,
    Gzip,
    Brotli,
    Deflate,
    Zstd,
}

/// <summary><c>Content-Encoding</c>: names and decoders.</summary>
internal static class ContentCoding
{
    public const string Taken = "gzip, br, deflate, zstd, identity";

    // RFC 9659: the "zstd" coding uses windows of at most 8 MB, so that no frame header can ask for more memory.
    private const int MaxZstdWindowLog = 23;

    static ContentCoding()
    {
        // Without it the framework's decoders take a body that was cut for a whole one, and events are lost silently.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);
    }

    /// <summary>Null for a coding that is not taken, or for several on top of one another.</summary>
    public static BodyCoding? Parse(StringValues header)
    {
        if (header.Count == 0 || string.IsNullOrWhiteSpace(header[0]))
            return BodyCoding.Identity;
        if (header.Count > 1)
            return null;
        return header[0]!.Trim().ToLowerInvariant() switch
        {
            "identity" => BodyCoding.Identity,
            "gzip" or "x-gzip" => BodyCoding.Gzip,
            "br" => BodyCoding.Brotli,
            "deflate" => BodyCoding.Deflate,
            "zstd" => BodyCoding.Zstd,
            _ => null,
        };
    }

    /// <summary>A stream of decoded bytes; throws <see cref="InvalidDataException"/> and kin for what is no such stream, or is cut.</summary>
    public static async ValueTask<Stream> DecodeAsync(BodyCoding coding, Stream body, CancellationToken cancellationToken) => coding switch
    {
        BodyCoding.Gzip => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true),
        BodyCoding.Brotli => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true),
        BodyCoding.Deflate => await DeflateAsync(body, cancellationToken),
        BodyCoding.Zstd => Zstd(body),
        _ => body,
    };

    // "deflate" means zlib (RFC 9110), and some clients send raw deflate: told apart by the zlib header.
    private static async ValueTask<Stream> DeflateAsync(Stream body, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        var count = await body.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellationToken);
        var whole = new PrefixedStream(head.AsMemory(0, count), body);
        var isZlib = count == 2 && (head[0] & 0x0F) == 8 && ((head[0] << 8) | head[1]) % 31 == 0;
        return isZlib
            ? new ZLibStream(whole, CompressionMode.Decompress, leaveOpen: true)
            : new DeflateStream(whole, CompressionMode.Decompress, leaveOpen: true);
    }

    private static DecompressionStream Zstd(Stream body)
    {
        var stream = new DecompressionStream(body, leaveOpen: true);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxZstdWindowLog);
        return stream;
    }
}
