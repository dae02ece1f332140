namespace Akka.Ingest.Stores.Segmented.Active;

using System.Buffers.Binary;
using System.IO.Hashing;
using Akka.Ingest.Stores.Files;

/// <summary>A frame in a file, as far as its header tells.</summary>
internal readonly record struct FramePlace(long Offset, int HeaderBytes, int StoredBytes, int RawBytes, ulong Checksum)
{
    public long PayloadOffset => Offset + FrameFormat.FixedBytes + HeaderBytes;

    public long End => Offset + (2L * (FrameFormat.FixedBytes + HeaderBytes)) + StoredBytes;
}

/// <summary>
/// A frame is one append: it is there whole or not at all. Layout, little-endian:
/// <code>
///  0  u32  magic "AKFR"
///  4  u32  length of the header
///  8  u32  stored length of the payload
/// 12  u32  length of the payload before compression
/// 16  u64  XxHash3 of the stored payload
/// 24  u64  XxHash3 of bytes 4 to 23 and of the header
/// 32       header, see <see cref="FrameHeaderFormat"/>
///          payload (LZ4 block, or plain where both lengths are equal), see <see cref="FramePayload"/>
///          the bytes before the payload once more, with the magic "AKFT"
/// </code>
/// The header stands twice so that no single damaged place hides which events a frame has, or where the next one begins.
/// </summary>
internal static class FrameFormat
{
    public const int FixedBytes = 32;
    private const uint FrontMagic = 0x5246_4B41;
    private const uint BackMagic = 0x5446_4B41;

    /// <summary>Both magics begin with these bytes.</summary>
    public static ReadOnlySpan<byte> MagicStart => "AKF"u8;

    public static void WriteFixed(Span<byte> target, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, int rawBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, FrontMagic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], rawBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], XxHash3.HashToUInt64(payload));
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], HeaderChecksum(target, header));
    }

    public static void MarkAsBack(Span<byte> target) => BinaryPrimitives.WriteUInt32LittleEndian(target, BackMagic);

    /// <summary>Reads the header at an offset, front or back; null where there is none.</summary>
    public static (FramePlace Place, FrameHeader Header)? TryRead(IStoreFile file, long offset, long fileLength)
    {
        Span<byte> bytes = stackalloc byte[FixedBytes];
        if (fileLength - offset < FixedBytes || file.Read(offset, bytes) < FixedBytes)
            return null;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var headerBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var storedBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var rawBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (magic is not (FrontMagic or BackMagic) || headerBytes <= 0 || headerBytes > fileLength - offset - FixedBytes || storedBytes < 0 || rawBytes < 0)
            return null;
        var header = new byte[headerBytes];
        if (file.Read(offset + FixedBytes, header) < headerBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) != HeaderChecksum(bytes, header))
            return null;
        var start = magic == FrontMagic ? offset : offset - storedBytes - headerBytes - FixedBytes;
        if (start < 0)
            return null;
        using var reader = new BinaryReader(new MemoryStream(header));
        return (new FramePlace(start, headerBytes, storedBytes, rawBytes, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])), FrameHeaderFormat.Read(reader));
    }

    private static ulong HeaderChecksum(ReadOnlySpan<byte> fixedPart, ReadOnlySpan<byte> header) =>
        XxHash3.HashToUInt64(header, unchecked((long)XxHash3.HashToUInt64(fixedPart[4..24])));
}
