namespace Akka.Ingest.Stores.Files;

using System.Buffers.Binary;
using System.IO.Hashing;

/// <summary>
/// Binary files that only grow by checksummed records: the day indexes and the positions log. Reading takes what is whole and steps over
/// what is not: after a damaged stretch it goes on at the next place that holds a whole frame.
/// </summary>
/// <remarks>
/// A frame, little-endian:
/// <code>
///  0  4   "AIF1"
///  4  u32 length of the payload in bytes
///  8  u64 XxHash3 of the payload, with the length as seed
/// 16      payload
/// </code>
/// </remarks>
internal static class RecordFrames
{
    public const int HeaderLength = 16;
    private static ReadOnlySpan<byte> Magic => "AIF1"u8;

    public static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), (uint)payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(8), XxHash3.HashToUInt64(payload, payload.Length));
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <summary>The payloads of all whole frames, in order.</summary>
    /// <param name="end">Where the last whole frame ends.</param>
    /// <param name="isIntact">False when anything but whole frames was found.</param>
    public static List<ReadOnlyMemory<byte>> Read(byte[] file, out int end, out bool isIntact)
    {
        var payloads = new List<ReadOnlyMemory<byte>>();
        end = 0;
        isIntact = true;
        for (var at = 0; at < file.Length;)
        {
            if (LengthAt(file.AsSpan(at)) is { } length)
            {
                payloads.Add(file.AsMemory(at + HeaderLength, length));
                at += HeaderLength + length;
                end = at;
                continue;
            }

            isIntact = false;
            var next = file.AsSpan(at + 1).IndexOf(Magic);
            if (next < 0)
                break;
            at += 1 + next;
        }

        return payloads;
    }

    /// <summary>All bytes of a file.</summary>
    public static byte[] ReadWhole(IStoreFile file)
    {
        var bytes = new byte[file.Length];
        var read = file.Read(0, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    private static int? LengthAt(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic))
            return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (length > bytes.Length - HeaderLength)
            return null;
        var payload = bytes.Slice(HeaderLength, (int)length);
        return XxHash3.HashToUInt64(payload, length) == BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ? (int)length : null;
    }
}
