namespace Akka.Ingest.Http;

using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;

/// <summary>The text form of a receipt, as clients get it. Opaque to them.</summary>
/// <remarks>
/// base64url without padding, 50 characters, of: u8 version = 1, 16 bytes spool id, u8 partition, then big-endian i64 first ordinal,
/// u32 accepted, u32 rejected; last the low 3 bytes of XxHash32 over what stands before, against typing errors.
/// </remarks>
internal static class ReceiptText
{
    public const int Length = 50;
    private const byte Version = 1;
    private const int Payload = 34;
    private const int Total = Payload + 3;

    public static string Format(Receipt receipt)
    {
        Span<byte> bytes = stackalloc byte[Total];
        bytes[0] = Version;
        receipt.SpoolId.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        bytes[17] = (byte)receipt.Partition;
        BinaryPrimitives.WriteInt64BigEndian(bytes[18..], receipt.FirstOrdinal);
        BinaryPrimitives.WriteInt32BigEndian(bytes[26..], receipt.Accepted);
        BinaryPrimitives.WriteInt32BigEndian(bytes[30..], receipt.Rejected);
        WriteChecksum(bytes[..Payload], bytes[Payload..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Receipt? receipt)
    {
        receipt = null;
        Span<byte> bytes = stackalloc byte[Total];
        Span<byte> checksum = stackalloc byte[3];
        if (text is not { Length: Length } || !Ascii.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Total || bytes[0] != Version)
            return false;
        WriteChecksum(bytes[..Payload], checksum);
        if (!checksum.SequenceEqual(bytes[Payload..]))
            return false;
        receipt = new Receipt(
            new Guid(bytes.Slice(1, 16), bigEndian: true),
            bytes[17],
            BinaryPrimitives.ReadInt64BigEndian(bytes[18..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[26..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[30..]));
        return receipt is { FirstOrdinal: >= 0, Accepted: > 0, Rejected: >= 0 } && receipt.Rejected <= receipt.Accepted;
    }

    private static void WriteChecksum(ReadOnlySpan<byte> payload, Span<byte> target)
    {
        var hash = XxHash32.HashToUInt32(payload);
        target[0] = (byte)(hash >> 16);
        target[1] = (byte)(hash >> 8);
        target[2] = (byte)hash;
    }
}
