namespace Akka.Ingest.Spool;

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;

/// <summary>The byte layout of a journal entry, version 1.</summary>
/// <remarks>
/// <para>
/// An entry is what one journal transaction makes durable: the requests that waited while the transaction before it was
/// being flushed. Its bytes are made once, when the group is formed, and are the same array in the journal row, in the
/// memory kept for delivery and in the checksum; nothing re-encodes them on the way.
/// </para>
/// <code>
/// All numbers little-endian.
///   0  u8   version = 1
///   1  u8   0, reserved
///   2  u16  tenant = 0, until tenants exist
///   4  u32  epoch of the owner that wrote it
///   8  i64  ordinal of the first event, 0 to 2^48 - 1
///  16  u32  events, rejected ones included; at least 1
///  20  u32  rejected events
///  24  u32  requests; at least 1
///  28  u32  length of the request table in bytes
///  32  the request table, for each request in order of its events:
///        i64  received at, ticks of 100 ns since 0001-01-01 UTC
///        u32  events
///        u32  rejected events
///        u8   1 = an identity follows the key id, 0 = none
///        u16  length of the API key id in bytes, then its UTF-8
///        16   idempotency key hash, big-endian  \ only with
///        16   body hash, big-endian             / an identity
///  ..  chunks back to back (ChunkCodec), up to the checksum
/// n-8  u64  XxHash3 of everything before it
/// </code>
/// <para>
/// Invariants, checked on reading: the checksum is right; the requests' events add up to the entry's; the chunks' events
/// add up to the entry's and the chunks end where the checksum begins. A reader of a later version keeps reading version 1.
/// </para>
/// </remarks>
public static class SpoolEntryFormat
{
    public const byte Version = 1;
    internal const int HeaderLength = 32;
    internal const int ChecksumLength = 8;
    private const int RequestFixedLength = 19;
    private const int IdentityLength = 32;

    internal static int RequestLength(SpooledRequest request) =>
        RequestFixedLength + Encoding.UTF8.GetByteCount(request.ApiKeyId) + (request.Identity is null ? 0 : IdentityLength);

    /// <summary>Makes an entry of <paramref name="requests"/> whose events are in <paramref name="chunks"/>, copied in order.</summary>
    internal static SpoolEntry Write(uint epoch, long firstOrdinal, IReadOnlyList<SpooledRequest> requests, IReadOnlyList<ReadOnlyMemory<byte>> chunks)
    {
        var tableLength = 0;
        var events = 0;
        var rejected = 0;
        foreach (var request in requests)
        {
            tableLength += RequestLength(request);
            events += request.EventCount;
            rejected += request.RejectedCount;
        }

        var chunksLength = 0;
        foreach (var chunk in chunks)
            chunksLength += chunk.Length;

        // Every byte is written below, so the zeroing of a fresh array can be saved.
        var bytes = GC.AllocateUninitializedArray<byte>(checked(HeaderLength + tableLength + chunksLength + ChecksumLength));
        bytes[0] = Version;
        bytes[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), firstOrdinal);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), events);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), rejected);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), requests.Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), tableLength);
        var at = HeaderLength;
        foreach (var request in requests)
            at += WriteRequest(bytes.AsSpan(at), request);
        var chunksStart = at;
        foreach (var chunk in chunks)
        {
            chunk.Span.CopyTo(bytes.AsSpan(at));
            at += chunk.Length;
        }

        var checksum = XxHash3.HashToUInt64(bytes.AsSpan(0, at));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), checksum);
        return new SpoolEntry
        {
            Bytes = bytes,
            Epoch = epoch,
            FirstOrdinal = firstOrdinal,
            EventCount = events,
            RejectedCount = rejected,
            Requests = requests,
            Chunks = bytes.AsMemory(chunksStart, chunksLength),
            Checksum = checksum,
        };
    }

    /// <summary>Reads an entry and keeps <paramref name="bytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no intact entry; the text says what is wrong.</exception>
    internal static SpoolEntry Read(byte[] bytes)
    {
        if (bytes.Length < HeaderLength + ChecksumLength)
            throw new InvalidDataException($"An entry has at least {HeaderLength + ChecksumLength} bytes, here are {bytes.Length}.");
        if (bytes[0] != Version)
            throw new InvalidDataException($"Entry version {bytes[0]} is not known here.");
        var end = bytes.Length - ChecksumLength;
        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(end));
        if (XxHash3.HashToUInt64(bytes.AsSpan(0, end)) != checksum)
            throw new InvalidDataException("The checksum of the entry is wrong.");

        var events = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16));
        var rejected = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(20));
        var requestCount = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        var tableLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(28));
        if (events < 1 || rejected < 0 || rejected > events || requestCount < 1 || tableLength < 0 || tableLength > end - HeaderLength)
            throw new InvalidDataException("The header of the entry contradicts its length.");
        var chunks = bytes.AsMemory(HeaderLength + tableLength, end - HeaderLength - tableLength);
        CheckChunks(chunks.Span, events);
        return new SpoolEntry
        {
            Bytes = bytes,
            Epoch = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)),
            FirstOrdinal = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)),
            EventCount = events,
            RejectedCount = rejected,
            Requests = ReadRequests(bytes.AsSpan(HeaderLength, tableLength), requestCount, events),
            Chunks = chunks,
            Checksum = checksum,
        };
    }

    private static int WriteRequest(Span<byte> target, SpooledRequest request)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, request.ReceivedAt.Ticks);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], request.EventCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], request.RejectedCount);
        target[16] = request.Identity is null ? (byte)0 : (byte)1;
        var length = Encoding.UTF8.GetBytes(request.ApiKeyId, target[RequestFixedLength..]);
        BinaryPrimitives.WriteUInt16LittleEndian(target[17..], checked((ushort)length));
        var at = RequestFixedLength + length;
        if (request.Identity is { } identity)
        {
            BinaryPrimitives.WriteUInt128BigEndian(target[at..], identity.Key);
            BinaryPrimitives.WriteUInt128BigEndian(target[(at + 16)..], identity.Body);
            at += IdentityLength;
        }

        return at;
    }

    private static SpooledRequest[] ReadRequests(ReadOnlySpan<byte> table, int count, int events)
    {
        if (count > table.Length / RequestFixedLength)
            throw new InvalidDataException("The request table of the entry is cut.");
        var requests = new SpooledRequest[count];
        var sum = 0L;
        for (var i = 0; i < count; i++)
        {
            if (table.Length < RequestFixedLength)
                throw new InvalidDataException("The request table of the entry is cut.");
            var hasIdentity = table[16] == 1;
            var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(table[17..]);
            var length = RequestFixedLength + keyLength + (hasIdentity ? IdentityLength : 0);
            var ticks = BinaryPrimitives.ReadInt64LittleEndian(table);
            if (table.Length < length || (ulong)ticks > (ulong)DateTime.MaxValue.Ticks)
                throw new InvalidDataException("A request of the entry is cut or has an impossible time.");
            var requestEvents = BinaryPrimitives.ReadInt32LittleEndian(table[8..]);
            sum += requestEvents;
            IdempotencyIdentity? identity = hasIdentity
                ? new IdempotencyIdentity(
                    BinaryPrimitives.ReadUInt128BigEndian(table[(RequestFixedLength + keyLength)..]),
                    BinaryPrimitives.ReadUInt128BigEndian(table[(RequestFixedLength + keyLength + 16)..]))
                : null;
            requests[i] = new SpooledRequest(
                new DateTime(ticks, DateTimeKind.Utc),
                Encoding.UTF8.GetString(table.Slice(RequestFixedLength, keyLength)),
                requestEvents,
                BinaryPrimitives.ReadInt32LittleEndian(table[12..]),
                identity);
            table = table[length..];
        }

        if (sum != events || table.Length != 0)
            throw new InvalidDataException("The requests of the entry do not add up.");
        return requests;
    }

    private static void CheckChunks(ReadOnlySpan<byte> chunks, int events)
    {
        var sum = 0L;
        while (chunks.Length > 0)
        {
            var header = ChunkCodec.ReadHeader(chunks);
            sum += header.EventCount;
            chunks = chunks[(ChunkCodec.HeaderLength + header.StoredLength)..];
        }

        if (sum != events)
            throw new InvalidDataException("The chunks of the entry do not add up to its events.");
    }
}
