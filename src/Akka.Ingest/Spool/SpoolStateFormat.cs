namespace Akka.Ingest.Spool;

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;

/// <summary>The bytes of a snapshot, version 1.</summary>
/// <remarks>
/// <code>
/// All numbers little-endian; spool ids and hashes big-endian; a position is i64 sequence, i32 index, i64 ordinal, u64 checksum.
/// u8  version = 1          u16 tenant = 0            u16 partitions        16 spool id      u32 epoch
/// i64 head ordinal         i64 last entry's sequence u64 its checksum
/// position checkpoint      position trim
/// u8  1 = unverified owner, then i64 sequence, i64 ordinal; 0 = none
/// i64 ticks of the oldest event not stored, 0 = none
/// u32 earlier ids          each: 16 id, i64 end ordinal
/// u32 gaps                 each: i64 start, i64 count
/// u32 API keys             each: u16 length, UTF-8, i64 events, i64 rejected
/// u32 remembered requests  each: 16 key, 16 body, i64 first ordinal, u32 accepted, u32 rejected, i64 ticks; oldest first
/// u64 XxHash3 of everything before it
/// </code>
/// </remarks>
internal static class SpoolStateFormat
{
    public const byte Version = 1;
    private const int PositionLength = 28;
    private const int RememberedLength = 56;

    public static byte[] Write(SpoolState state)
    {
        using var stream = new MemoryStream(256 + (state.RememberedCount * RememberedLength));
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write((ushort)0);
        writer.Write((ushort)state.Partitions);
        WriteGuid(writer, state.SpoolId);
        writer.Write(state.Epoch);
        writer.Write(state.HeadOrdinal);
        writer.Write(state.HeadEntrySequence);
        writer.Write(state.HeadEntryChecksum);
        WritePosition(writer, state.Checkpoint);
        WritePosition(writer, state.Trim);
        writer.Write(state.Unverified is not null);
        if (state.Unverified is { } owner)
        {
            writer.Write(owner.Sequence);
            writer.Write(owner.Ordinal);
        }

        writer.Write(state.OldestUnstoredAt?.Ticks ?? 0L);
        writer.Write(state.EarlierSpoolIds.Length);
        foreach (var (spoolId, endOrdinal) in state.EarlierSpoolIds)
        {
            WriteGuid(writer, spoolId);
            writer.Write(endOrdinal);
        }

        writer.Write(state.Gaps.Length);
        foreach (var gap in state.Gaps)
        {
            writer.Write(gap.Start);
            writer.Write(gap.Count);
        }

        writer.Write(state.Accepted.Count);
        foreach (var (apiKeyId, count) in state.Accepted.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var name = Encoding.UTF8.GetBytes(apiKeyId);
            writer.Write((ushort)name.Length);
            writer.Write(name);
            writer.Write(count.Events);
            writer.Write(count.Rejected);
        }

        WriteRemembered(writer, state);
        writer.Flush();
        writer.Write(XxHash3.HashToUInt64(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no intact snapshot of this version.</exception>
    public static SpoolState Read(byte[] bytes, long sequence, int maxIdempotencyKeys)
    {
        if (bytes.Length < 9 || bytes[0] != Version)
            throw new InvalidDataException("The snapshot is cut or of an unknown version.");
        var end = bytes.Length - 8;
        if (XxHash3.HashToUInt64(bytes.AsSpan(0, end)) != BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(end)))
            throw new InvalidDataException("The checksum of the snapshot is wrong.");
        using var reader = new BinaryReader(new MemoryStream(bytes, 3, end - 3), Encoding.UTF8);
        var state = new SpoolState(maxIdempotencyKeys)
        {
            HeadSequence = sequence,
            Partitions = reader.ReadUInt16(),
            SpoolId = ReadGuid(reader),
            Epoch = reader.ReadUInt32(),
            HeadOrdinal = reader.ReadInt64(),
            HeadEntrySequence = reader.ReadInt64(),
            HeadEntryChecksum = reader.ReadUInt64(),
            Checkpoint = ReadPosition(reader),
            Trim = ReadPosition(reader),
            Unverified = reader.ReadBoolean() ? new UnverifiedOwner(reader.ReadInt64(), reader.ReadInt64()) : null,
        };
        var oldest = reader.ReadInt64();
        if (oldest > 0)
            state.RestoreOldest(new DateTime(oldest, DateTimeKind.Utc));
        for (var left = reader.ReadInt32(); left > 0; left--)
            state.EarlierSpoolIds = state.EarlierSpoolIds.Add((ReadGuid(reader), reader.ReadInt64()));
        for (var left = reader.ReadInt32(); left > 0; left--)
            state.Gaps = state.Gaps.Add(new OrdinalGap(reader.ReadInt64(), reader.ReadInt64()));
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var apiKeyId = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadUInt16()));
            state.RestoreAccepted(apiKeyId, new AcceptedCount(reader.ReadInt64(), reader.ReadInt64()));
        }

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            state.RestoreRemembered(new RememberedRequest(
                ReadUInt128(reader), ReadUInt128(reader), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(),
                new DateTime(reader.ReadInt64(), DateTimeKind.Utc)));
        }

        return state;
    }

    private static void WriteRemembered(BinaryWriter writer, SpoolState state)
    {
        var remembered = state.Remembered.ToArray();
        writer.Write(remembered.Length);
        Span<byte> buffer = stackalloc byte[32];
        foreach (var request in remembered)
        {
            BinaryPrimitives.WriteUInt128BigEndian(buffer, request.Key);
            BinaryPrimitives.WriteUInt128BigEndian(buffer[16..], request.Body);
            writer.Write(buffer);
            writer.Write(request.FirstOrdinal);
            writer.Write(request.Accepted);
            writer.Write(request.Rejected);
            writer.Write(request.At.Ticks);
        }
    }

    private static void WriteGuid(BinaryWriter writer, Guid value)
    {
        Span<byte> buffer = stackalloc byte[16];
        value.TryWriteBytes(buffer, bigEndian: true, out _);
        writer.Write(buffer);
    }

    private static void WritePosition(BinaryWriter writer, in StoredPosition position)
    {
        Span<byte> buffer = stackalloc byte[PositionLength];
        SpoolSerializer.WritePosition(buffer, position);
        writer.Write(buffer);
    }

    private static Guid ReadGuid(BinaryReader reader) => new(reader.ReadBytes(16), bigEndian: true);

    private static UInt128 ReadUInt128(BinaryReader reader) => BinaryPrimitives.ReadUInt128BigEndian(reader.ReadBytes(16));

    private static StoredPosition ReadPosition(BinaryReader reader) => SpoolSerializer.ReadPosition(reader.ReadBytes(PositionLength));
}
