namespace Akka.Ingest.Stores.Files;

using System.Buffers.Binary;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>The place of an event in an order: timestamp or arrival number, then the id as its text sorts.</summary>
internal readonly record struct EventKey(long Primary, UInt128 Spool, int Partition, long Ordinal)
{
    /// <summary>Behind every event of a time.</summary>
    public static EventId HighestId { get; } = new(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), 63, EventId.MaxOrdinal);

    public static EventKey Of(long primary, in EventId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.SpoolId.TryWriteBytes(bytes, bigEndian: true, out _);
        return new EventKey(primary, BinaryPrimitives.ReadUInt128BigEndian(bytes), id.Partition, id.Ordinal);
    }

    public static int Ascending(in EventKey x, in EventKey y)
    {
        var order = x.Primary.CompareTo(y.Primary);
        if (order == 0)
            order = x.Spool.CompareTo(y.Spool);
        if (order == 0)
            order = x.Partition.CompareTo(y.Partition);
        return order != 0 ? order : x.Ordinal.CompareTo(y.Ordinal);
    }
}

/// <summary>One of the three orders: what is compared, and which way.</summary>
internal sealed class ScanOrder(LogOrder order) : IComparer<EventKey>
{
    /// <summary>Below 0 where <paramref name="x"/> comes first.</summary>
    public int Compare(EventKey x, EventKey y) => order == LogOrder.Descending ? EventKey.Ascending(y, x) : EventKey.Ascending(x, y);

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
