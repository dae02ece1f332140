namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>
/// One page. Blocks are read best first, and only the best matches are kept, as places; the page is complete once no block left can hold a
/// better one. So memory does not depend on how much the blocks overlap in time.
/// </summary>
internal sealed class PageScan : IDisposable
{
    /// <summary>How far a full page looks for one more match before it says that there may be a next page.</summary>
    private const int MaxLookahead = 10_000;

    private readonly LogQueryPlan _plan;
    private readonly ScanOrder _order;
    private readonly BlockScan _scan;
    private readonly PriorityQueue<Match, EventKey> _best;
    private readonly PriorityQueue<(DayFile File, FileBlock Block), EventKey> _blocks;
    private readonly EventKey? _after;
    private readonly long _afterArrival;
    private DayFile _file = null!;

    /// <param name="afterArrival">With <see cref="LogOrder.Received"/>: begin after it.</param>
    public PageScan(FolderView view, LogQueryPlan plan, LineDamage damage, long afterArrival)
    {
        _plan = plan;
        _order = new ScanOrder(plan.Order);
        _scan = new BlockScan(plan, damage);
        _afterArrival = afterArrival;
        _after = plan.Cursor is { } cursor && plan.Order != LogOrder.Received ? EventKey.Of(cursor.Key, cursor.Id) : null;
        _best = new PriorityQueue<Match, EventKey>(Comparer<EventKey>.Create((x, y) => _order.Compare(y, x)));
        _blocks = new PriorityQueue<(DayFile, FileBlock), EventKey>(Candidates(view), _order);
    }

    public long Scanned => _scan.Scanned;

    /// <summary>The matches of the page, in order.</summary>
    public List<Match> Matches { get; private set; } = [];

    /// <summary>Where to go on when the page ended early; null when it is full or nothing is left.</summary>
    public LogCursor? GoOn { get; private set; }

    /// <summary>True when there may be matches behind the page.</summary>
    public bool HasMore { get; private set; }

    /// <param name="isOutOfTime">Asked after each block.</param>
    public void Run(Func<bool> isOutOfTime)
    {
        long start = 0;
        if (_blocks.TryPeek(out _, out var first))
            start = Clip(first.Primary);
        var fullAt = -1L;
        while (_blocks.TryPeek(out _, out var next))
        {
            var bound = Clip(next.Primary);
            if (IsFinal(_plan.Limit + 1, bound) || IsFullFor(bound, ref fullAt))
                break;
            if ((Scanned >= _plan.MaxScannedEvents || isOutOfTime()) && _order.IsBefore(start, bound))
            {
                GoOn = _order.CursorBefore(bound);
                break;
            }

            var (file, block) = _blocks.Dequeue();
            Read(file, block);
        }

        Settle();
    }

    public void Dispose() => _scan.Dispose();

    private IEnumerable<((DayFile File, FileBlock Block) Place, EventKey Best)> Candidates(FolderView view)
    {
        foreach (var day in view.Days)
        {
            foreach (var block in day.Blocks)
            {
                if (IsBehindStart(block) && _scan.MayMatch(block))
                    yield return ((day.File, block), new EventKey(_order.BestOf(block), 0, 0, 0));
            }
        }
    }

    private bool IsBehindStart(FileBlock block) => _plan.Order switch
    {
        LogOrder.Received => block.LastArrival > _afterArrival,
        LogOrder.Ascending => _after is not { } after || block.HighestTimestamp >= after.Primary,
        _ => _after is not { } after || block.LowestTimestamp <= after.Primary,
    };

    // No event of the page lies before its start, whatever a block holds.
    private long Clip(long bound) => _plan.Order switch
    {
        LogOrder.Received => Math.Max(bound, _afterArrival + 1),
        LogOrder.Ascending => Math.Max(Math.Max(bound, _plan.FromTicks), _after?.Primary ?? long.MinValue),
        _ => Math.Min(Math.Min(bound, _plan.ToTicks == long.MaxValue ? long.MaxValue : _plan.ToTicks - 1), _after?.Primary ?? long.MaxValue),
    };

    private void Read(DayFile file, FileBlock block)
    {
        _file = file;
        _scan.Run(file, block, IsWanted, Keep, _afterArrival);
    }

    private bool IsWanted() =>
        _best.Count <= _plan.Limit || !_best.TryPeek(out _, out var worst) || !_order.IsBefore(worst.Primary, Primary);

    private long Primary => _plan.Order == LogOrder.Received ? _scan.Arrival : _scan.Line.TimestampTicks;

    private void Keep()
    {
        var key = EventKey.Of(Primary, _scan.Line.Id);
        if (_after is { } after && _order.Compare(key, after) <= 0)
            return;
        var match = new Match(_file, _scan.LineStart, _scan.LineLength, key.Primary, _scan.Line.Id);
        if (_best.Count <= _plan.Limit)
            _best.Enqueue(match, key);
        else
            _best.EnqueueDequeue(match, key);
    }

    // The worst of so many matches comes before all that is left.
    private bool IsFinal(int matches, long bound) => _best.Count >= matches && _best.TryPeek(out _, out var worst) && _order.IsBefore(worst.Primary, bound);

    private bool IsFullFor(long bound, ref long fullAt)
    {
        if (!IsFinal(_plan.Limit, bound))
            return false;
        if (fullAt < 0)
            fullAt = Scanned;
        HasMore = Scanned - fullAt >= MaxLookahead;
        return HasMore;
    }

    private void Settle()
    {
        var sorted = new List<Match>(_best.Count);
        while (_best.TryDequeue(out var match, out _))
            sorted.Add(match);
        sorted.Reverse();
        if (GoOn is { } cursor)
            sorted = [.. sorted.Where(match => _plan.Order == LogOrder.Descending ? match.Primary >= cursor.Key : match.Primary <= cursor.Key)];
        if (sorted.Count > _plan.Limit)
        {
            sorted.RemoveRange(_plan.Limit, sorted.Count - _plan.Limit);
            HasMore = true;
            GoOn = null;
        }

        Matches = sorted;
    }
}

/// <summary>A line that matched, as a place.</summary>
/// <param name="Primary">Timestamp, or with <see cref="LogOrder.Received"/> the arrival number.</param>
internal sealed record Match(DayFile File, long Start, int Length, long Primary, EventId Id);
