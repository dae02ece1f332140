namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Walks the rows of one block that lie in a plan's range, levels and page, in the plan's order.</summary>
internal sealed class BlockCursor : IDisposable
{
    private readonly RowKey[] _keys;
    private readonly int[] _rows;
    private int _at = -1;

    /// <exception cref="DamagedBlockException">Not what was written there.</exception>
    public BlockCursor(StoredBlock block, LogQueryPlan plan, long startArrival)
    {
        Rows = block.Open();
        try
        {
            _rows = Select(plan, startArrival);
            _keys = Array.ConvertAll(_rows, row => KeyOf(plan.Order, row));
            SkipToCursor(plan, ref _keys, ref _rows);
        }
        catch
        {
            Rows.Dispose();
            throw;
        }
    }

    public BlockRows Rows { get; }

    public int Row => _rows[_at];

    public RowKey Key => _keys[_at];

    public bool MoveNext() => !Rows.Block.IsDamaged && ++_at < _rows.Length;

    public void Dispose() => Rows.Dispose();

    private RowKey KeyOf(LogOrder order, int row) =>
        order == LogOrder.Received ? new RowKey(Rows.Arrival(row), default) : new RowKey(Rows.Timestamp(row), Rows.Id(row));

    private int[] Select(LogQueryPlan plan, long startArrival)
    {
        var block = Rows.Block;
        var isReceived = plan.Order == LogOrder.Received;
        var hasAllLevels = LevelsOf(block).IsWithin(plan.Levels);
        var isWithin = block.LowestTimestamp >= plan.FromTicks && block.HighestTimestamp < plan.ToTicks;
        var rows = new List<int>(isWithin && hasAllLevels ? block.Count : 0);
        for (var row = 0; row < block.Count; row++)
        {
            if (!hasAllLevels && !plan.Levels.Contains(Rows.Severity(row)))
                continue;
            if (!isWithin && (Rows.Timestamp(row) < plan.FromTicks || Rows.Timestamp(row) >= plan.ToTicks))
                continue;
            if (!isReceived || Rows.Arrival(row) > startArrival)
                rows.Add(row);
        }

        return [.. rows];
    }

    private void SkipToCursor(LogQueryPlan plan, ref RowKey[] keys, ref int[] rows)
    {
        var order = RowOrder.Of(plan.Order);
        if (plan.Order == LogOrder.Received || !Rows.IsSorted)
            Array.Sort(keys, rows, order);
        else if (plan.Order == LogOrder.Descending)
        {
            Array.Reverse(keys);
            Array.Reverse(rows);
        }

        if (plan.Cursor is not { } cursor || plan.Order == LogOrder.Received)
            return;
        var at = Array.BinarySearch(keys, new RowKey(cursor.Key, cursor.Id), order);
        _at = at >= 0 ? at : ~at - 1;
    }

    public static LevelSet LevelsOf(StoredBlock block)
    {
        var set = LevelSet.None;
        for (var level = 0; level < LevelSet.SeverityCount; level++)
        {
            if (block.Levels[level] > 0)
                set = set.With((Severity)level);
        }

        return set;
    }
}
