namespace Akka.Ingest.Stores.Files;

using System.Buffers.Binary;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>The place of an event in an order: timestamp or arrival number, then the id as its text sorts.</summary>
internal readonly record struct EventKey(long Primary, UInt128 Spool, int Partition, long Ordinal) : IComparable<EventKey>
{
    /// <summary>Behind every event of a time.</summary>
    public static EventId HighestId { get; } = new(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), 63, EventId.MaxOrdinal);

    public static EventKey Of(long primary, in EventId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.SpoolId.TryWriteBytes(bytes, bigEndian: true, out _);
        return new EventKey(primary, BinaryPrimitives.ReadUInt128BigEndian(bytes), id.Partition, id.Ordinal);
    }

    public int CompareTo(EventKey other)
    {
        var order = Primary.CompareTo(other.Primary);
        if (order == 0)
            order = Spool.CompareTo(other.Spool);
        if (order == 0)
            order = Partition.CompareTo(other.Partition);
        return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
    }
}

/// <summary>One of the three orders: what is compared, and which way.</summary>
internal sealed class ScanOrder(LogOrder order) : IComparer<EventKey>
{
    /// <summary>Below 0 where <paramref name="x"/> comes first.</summary>
    public int Compare(EventKey x, EventKey y) => order == LogOrder.Descending ? y.CompareTo(x) : x.CompareTo(y);

    /// <summary>True where <paramref name="left"/> comes before <paramref name="right"/>, whatever the ids.</summary>
    public bool IsBefore(long left, long right) => order == LogOrder.Descending ? left > right : left < right;

    /// <summary>What the first event of a block can be at best.</summary>
    public long BestOf(FileBlock block) => order switch
    {
        LogOrder.Descending => block.HighestTimestamp,
        LogOrder.Ascending => block.LowestTimestamp,
        _ => block.FirstArrival,
    };

    /// <summary>The cursor before everything at <paramref name="primary"/>.</summary>
    public LogCursor CursorBefore(long primary) => order switch
    {
        LogOrder.Descending => new LogCursor(order, primary + 1, default),
        LogOrder.Ascending => new LogCursor(order, primary - 1, EventKey.HighestId),
        _ => new LogCursor(order, primary - 1, default),
    };
}
