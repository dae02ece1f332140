namespace Akka.Ingest.Model;

using System.Buffers.Binary;
using K4os.Compression.LZ4;

/// <summary>How the bytes of a chunk are stored. The values are part of the format.</summary>
public enum ChunkMethod : byte
{
    Plain = 0,
    Lz4 = 1,
}

/// <summary>Facts of one chunk, read from its header.</summary>
public readonly record struct ChunkHeader(ChunkMethod Method, int RawLength, int StoredLength, int EventCount);

/// <summary>
/// A chunk is a run of event records, compressed as one: the unit that is compressed at admission and expanded at
/// delivery, so that memory for either is bounded by the chunk and not by the request.
/// </summary>
/// <remarks>
/// Layout, little-endian: u8 method, u32 raw length, u32 stored length, u32 number of records, stored bytes.
/// </remarks>
public static class ChunkCodec
{
    public const int HeaderLength = 13;

    /// <summary>A chunk is closed once its raw records reach this size; a single larger record makes a larger chunk.</summary>
    public const int TargetRawBytes = 256 * 1024;

    /// <summary>Upper bound of what <see cref="Write"/> needs.</summary>
    public static int MaxLength(int rawLength) => HeaderLength + LZ4Codec.MaximumOutputSize(rawLength);

    /// <summary>Writes one chunk and returns its length in bytes.</summary>
    public static int Write(Span<byte> target, ReadOnlySpan<byte> records, int eventCount, bool compress)
    {
        var method = ChunkMethod.Plain;
        var stored = 0;
        if (compress)
        {
            stored = LZ4Codec.Encode(records, target[HeaderLength..], LZ4Level.L00_FAST);
            method = ChunkMethod.Lz4;
        }

        if (stored <= 0 || stored >= records.Length)
        {
            records.CopyTo(target[HeaderLength..]);
            stored = records.Length;
            method = ChunkMethod.Plain;
        }

        target[0] = (byte)method;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], records.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[5..], stored);
        BinaryPrimitives.WriteInt32LittleEndian(target[9..], eventCount);
        return HeaderLength + stored;
    }

    /// <exception cref="InvalidDataException">The header is cut or contradicts the bytes that are there.</exception>
    public static ChunkHeader ReadHeader(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderLength)
            throw new InvalidDataException("A chunk header is cut.");
        var header = new ChunkHeader(
            (ChunkMethod)source[0],
            BinaryPrimitives.ReadInt32LittleEndian(source[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[5..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[9..]));
        if (header.Method > ChunkMethod.Lz4 || header.RawLength < 0 || header.StoredLength < 0 || header.EventCount < 0
            || header.StoredLength > source.Length - HeaderLength)
            throw new InvalidDataException("A chunk header contradicts the bytes that follow it.");
        return header;
    }

    /// <summary>Expands a chunk into <paramref name="target"/>, which holds at least <see cref="ChunkHeader.RawLength"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The stored bytes do not expand to what the header says.</exception>
    public static void Expand(in ChunkHeader header, ReadOnlySpan<byte> source, Span<byte> target)
    {
        var stored = source.Slice(HeaderLength, header.StoredLength);
        if (header.Method == ChunkMethod.Plain)
        {
            if (header.StoredLength != header.RawLength)
                throw new InvalidDataException("A plain chunk has two different lengths.");
            stored.CopyTo(target);
        }
        else if (LZ4Codec.Decode(stored, target[..header.RawLength]) != header.RawLength)
        {
            throw new InvalidDataException("A compressed chunk does not expand to the length in its header.");
        }
    }
}
