namespace Akka.Ingest.Stores.Segmented.Reading;

using System.Text.Json;
using Akka.Ingest.Query;

/// <summary>
/// Walks the events of many blocks in a plan's order. A block is opened when the walk reaches the range of its times (or arrivals), so a
/// page near the end of the store opens few.
/// </summary>
internal sealed class MergedScan : IDisposable
{
    private readonly LogQueryPlan _plan;
    private readonly long _startArrival;
    private readonly Action<DamagedBlockException> _onDamage;
    private readonly EventFilter _filter;
    private readonly RowOrder _order;
    private readonly Queue<StoredBlock> _ahead;
    private readonly PriorityQueue<BlockCursor, RowKey> _open;
    private BlockCursor? _closing;

    /// <param name="blocks">All blocks of the store.</param>
    /// <param name="startArrival">For <see cref="LogOrder.Received"/>: begin after it.</param>
    /// <param name="onDamage">Told of each block that cannot be served; the walk goes on without it.</param>
    public MergedScan(IEnumerable<StoredBlock> blocks, LogQueryPlan plan, long startArrival, Action<DamagedBlockException> onDamage)
    {
        _plan = plan;
        _startArrival = startArrival;
        _onDamage = onDamage;
        _filter = plan.CreateFilter();
        _order = RowOrder.Of(plan.Order);
        _open = new PriorityQueue<BlockCursor, RowKey>(_order);
        _ahead = new Queue<StoredBlock>(BlockPruning.Select(blocks, plan, startArrival).OrderBy(FirstKey, _order));
    }

    /// <summary>Events looked at.</summary>
    public long Scanned { get; private set; }

    /// <summary>Place of the last event looked at.</summary>
    public RowKey Last { get; private set; }

    /// <summary>The match that <see cref="MoveNext"/> found.</summary>
    public BlockRows Rows { get; private set; } = null!;

    public int Row { get; private set; }

    /// <summary>Moves to the next match; false where none is left or <paramref name="isOverBudget"/> says so.</summary>
    /// <param name="isOverBudget">Asked after every event looked at.</param>
    public bool MoveNext(Func<bool> isOverBudget)
    {
        while (TakeNext())
        {
            Scanned++;
            if (Matches())
                return true;
            if (isOverBudget())
                return false;
        }

        return false;
    }

    public void Dispose()
    {
        foreach (var (cursor, _) in _open.UnorderedItems)
            cursor.Dispose();
        _open.Clear();
        _closing?.Dispose();
    }

    private bool TakeNext()
    {
        while (true)
        {
            while (_ahead.TryPeek(out var block) && (!_open.TryPeek(out _, out var top) || _order.Compare(FirstKey(block), top) <= 0))
                Open(_ahead.Dequeue());
            if (!_open.TryPeek(out var cursor, out _))
                return false;
            if (cursor.Rows.Block.IsDamaged)
            {
                _open.Dequeue().Dispose();
                continue;
            }

            (Rows, Row, Last) = (cursor.Rows, cursor.Row, cursor.Key);
            if (cursor.MoveNext())
                _open.DequeueEnqueue(cursor, cursor.Key);
            else
                Close(_open.Dequeue());
            return true;
        }
    }

    // The row that was just taken still needs its block.
    private void Close(BlockCursor cursor)
    {
        _closing?.Dispose();
        _closing = cursor;
    }

    private void Open(StoredBlock block)
    {
        if (block.IsDamaged)
            return;
        try
        {
            var cursor = new BlockCursor(block, _plan, _startArrival);
            if (cursor.MoveNext())
                _open.Enqueue(cursor, cursor.Key);
            else
                cursor.Dispose();
        }
        catch (DamagedBlockException exception)
        {
            _onDamage(exception);
        }
    }

    private bool Matches()
    {
        if (_filter.IsTrue)
            return true;
        try
        {
            return RowFilter.Matches(_filter, Rows, Row);
        }
        catch (DamagedBlockException exception)
        {
            _onDamage(exception);
            return false;
        }
    }

    // No event of the block comes before it.
    private RowKey FirstKey(StoredBlock block) => _plan.Order switch
    {
        LogOrder.Received => new RowKey(block.LowestArrival, default),
        LogOrder.Ascending => new RowKey(block.LowestTimestamp, default),
        _ => new RowKey(block.HighestTimestamp == long.MaxValue ? long.MaxValue : block.HighestTimestamp + 1, default),
    };
}

/// <summary>Leaves out the blocks that cannot have a match.</summary>
internal static class BlockPruning
{
    public static IEnumerable<StoredBlock> Select(IEnumerable<StoredBlock> blocks, LogQueryPlan plan, long startArrival = long.MinValue)
    {
        var cursor = plan.Order == LogOrder.Received ? null : plan.Cursor;
        return blocks.Where(block => block.HighestTimestamp >= plan.FromTicks && block.LowestTimestamp < plan.ToTicks
            && block.HighestArrival > startArrival
            && !BlockCursor.LevelsOf(block).Intersect(plan.Levels).IsEmpty
            && (cursor is not { } place || (plan.Order == LogOrder.Descending ? block.LowestTimestamp <= place.Key : block.HighestTimestamp >= place.Key)));
    }
}

/// <summary>Asks a filter of a row.</summary>
internal static class RowFilter
{
    public static bool Matches(EventFilter filter, BlockRows rows, int row)
    {
        try
        {
            return filter.Matches(rows.Record(row, filter.Fields), new EventOrigin(rows.Id(row), rows.ReceivedTicks(row), rows.ApiKeyUtf8(row)));
        }
        catch (JsonException)
        {
            // The bytes are those that were stored; what a client sent as JSON and is none has no places to compare.
            return false;
        }
    }
}
