namespace Akka.Ingest.Query;

using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using Akka.Ingest.Model;

/// <summary>
/// A place between two events of an ordered result; the next page begins after it. Opaque to clients.
/// </summary>
/// <param name="Order">The order it belongs to; in another order it means nothing and is refused.</param>
/// <param name="Key">Timestamp ticks, or with <see cref="LogOrder.Received"/> the store's arrival number.</param>
/// <param name="Id">Breaks ties between equal timestamps; unused with <see cref="LogOrder.Received"/>.</param>
/// <remarks>
/// Text: base64url of u8 version = 1, u8 order, i64 key, 16 bytes spool id, u8 partition, i64 ordinal (all big-endian), and the low
/// 32 bits of XxHash3 over the bytes before: 39 bytes.
/// </remarks>
public readonly record struct LogCursor(LogOrder Order, long Key, EventId Id)
{
    private const byte Version = 1;
    private const int BodyLength = 35;
    private const int Length = BodyLength + 4;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[1] = (byte)Order;
        BinaryPrimitives.WriteInt64BigEndian(bytes[2..], Key);
        Id.SpoolId.TryWriteBytes(bytes[10..], bigEndian: true, out _);
        bytes[26] = (byte)Id.Partition;
        BinaryPrimitives.WriteInt64BigEndian(bytes[27..], Id.Ordinal);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[BodyLength..], Check(bytes));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out LogCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length)
            return false;
        if (bytes[0] != Version || bytes[1] > (byte)LogOrder.Received || BinaryPrimitives.ReadUInt32BigEndian(bytes[BodyLength..]) != Check(bytes))
            return false;
        var id = new EventId(new Guid(bytes.Slice(10, 16), bigEndian: true), bytes[26], BinaryPrimitives.ReadInt64BigEndian(bytes[27..]));
        cursor = new LogCursor((LogOrder)bytes[1], BinaryPrimitives.ReadInt64BigEndian(bytes[2..]), id);
        return true;
    }

    private static uint Check(ReadOnlySpan<byte> bytes) => (uint)XxHash3.HashToUInt64(bytes[..BodyLength]);
}
