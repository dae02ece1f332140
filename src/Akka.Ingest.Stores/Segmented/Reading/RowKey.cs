namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Place of an event in the order of a result.</summary>
/// <param name="Key">Timestamp ticks, or with <see cref="LogOrder.Received"/> the arrival number.</param>
internal readonly record struct RowKey(long Key, EventId Id);

/// <summary>Orders of results. Ids compare as their texts do.</summary>
internal sealed class RowOrder(bool isDescending) : IComparer<RowKey>
{
    public static RowOrder Of(LogOrder order) => new(order == LogOrder.Descending);

    public int Compare(RowKey x, RowKey y)
    {
        var order = Ascending(x, y);
        return isDescending ? -order : order;
    }

    public static int Ascending(in RowKey x, in RowKey y) => x.Key != y.Key ? x.Key.CompareTo(y.Key) : Ids(x.Id, y.Id);

    // Guid compares as its big-endian bytes do.
    public static int Ids(in EventId x, in EventId y)
    {
        var order = x.SpoolId.CompareTo(y.SpoolId);
        if (order == 0)
            order = x.Partition.CompareTo(y.Partition);
        return order == 0 ? x.Ordinal.CompareTo(y.Ordinal) : order;
    }
}
