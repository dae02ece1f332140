namespace Akka.Ingest.Stores.Segmented.Active;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>
/// Bytes of a <see cref="FrameHeader"/>, little-endian: i64 group start, i8 partition (-1 ends here: end mark), 16 bytes spool id big-endian,
/// expected and next position (each i64 sequence, i32 index, i64 ordinal, u64 entry checksum), i64 first arrival, i32 events, i64 lowest
/// and highest timestamp and lowest receipt in ticks, six i32 events by severity, i32 runs of (i64 first ordinal, i64 count), i32 tallies of
/// (i32 day number, text API key, i32 events, i64 lowest and highest timestamp). Text is a LEB128 length and UTF-8.
/// </summary>
internal static class FrameHeaderFormat
{
    public static void Write(BinaryWriter writer, FrameHeader header)
    {
        writer.Write(header.GroupStart);
        writer.Write((sbyte)header.Partition);
        if (header.IsEndMark)
            return;
        writer.Write(header.SpoolId.ToByteArray(bigEndian: true));
        writer.Write(header.Expected);
        writer.Write(header.Next);
        writer.Write(header.FirstArrival);
        writer.Write(header.Events);
        writer.Write(header.LowestTimestamp);
        writer.Write(header.HighestTimestamp);
        writer.Write(header.LowestReceived);
        foreach (var events in header.Levels)
            writer.Write(events);
        writer.Write(header.Ids.Count);
        foreach (var run in header.Ids)
        {
            writer.Write(run.FirstOrdinal);
            writer.Write(run.Count);
        }

        writer.Write(header.Tallies.Count);
        foreach (var tally in header.Tallies)
        {
            writer.Write(tally.Day.DayNumber);
            writer.Write(tally.ApiKeyId);
            writer.Write(tally.Events);
            writer.Write(tally.LowestTimestamp);
            writer.Write(tally.HighestTimestamp);
        }
    }

    public static FrameHeader Read(BinaryReader reader)
    {
        var groupStart = reader.ReadInt64();
        var partition = reader.ReadSByte();
        if (partition < 0)
            return new FrameHeader { GroupStart = groupStart };
        var spoolId = reader.ReadGuid();
        return new FrameHeader
        {
            GroupStart = groupStart,
            Partition = partition,
            SpoolId = spoolId,
            Expected = reader.ReadPosition(),
            Next = reader.ReadPosition(),
            FirstArrival = reader.ReadInt64(),
            Events = reader.ReadInt32(),
            LowestTimestamp = reader.ReadInt64(),
            HighestTimestamp = reader.ReadInt64(),
            LowestReceived = reader.ReadInt64(),
            Levels = reader.ReadMany(6, item => item.ReadInt32()),
            Ids = reader.ReadMany(reader.ReadInt32(), item => new EventIdRange(spoolId, partition, item.ReadInt64(), item.ReadInt64())),
            Tallies = reader.ReadMany(reader.ReadInt32(), item => new FrameTally(
                DateOnly.FromDayNumber(item.ReadInt32()), item.ReadString(), item.ReadInt32(), item.ReadInt64(), item.ReadInt64())),
        };
    }
}
