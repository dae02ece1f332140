namespace Akka.Ingest.Storage;

using System.Buffers.Binary;
using System.IO.Hashing;

/// <summary>
/// XxHash3 over everything of an event that a query returns: the record, its id, when and from whom it came. Stores keep it beside the
/// event and serve nothing that does not match.
/// </summary>
public static class StoredEventChecksum
{
    private const int IdLength = 16 + 1 + 8;

    /// <summary>Common part of the events of one slice: origin and partition.</summary>
    public static ulong SeedOf(Guid spoolId, int partition, long receivedTicks, ReadOnlySpan<byte> apiKeyId)
    {
        Span<byte> bytes = stackalloc byte[IdLength];
        spoolId.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[16] = (byte)partition;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[17..], receivedTicks);
        return XxHash3.HashToUInt64(apiKeyId, unchecked((long)XxHash3.HashToUInt64(bytes)));
    }

    public static ulong Of(ReadOnlySpan<byte> record, long ordinal, ulong seed) =>
        XxHash3.HashToUInt64(record, unchecked((long)seed ^ (ordinal * 0x1E3779B97F4A7C15)));
}
