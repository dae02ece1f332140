namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Runs one plan on one view of the store, so that everything it reads is of one moment.</summary>
internal sealed class FileQuery(FolderView view, LogQueryPlan plan, LineDamage damage, TimeProvider clock, CancellationToken cancellationToken)
{
    public LogPage ReadPage()
    {
        if (plan.IsEmpty)
            return new LogPage([], null, 0, []);
        var start = plan.Order == LogOrder.Received ? FindStart() : 0;
        using var scan = new PageScan(view, plan, damage, start);
        var began = clock.GetTimestamp();
        scan.Run(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return clock.GetElapsedTime(began) > plan.MaxDuration;
        });

        var page = new LogPageBuilder(plan);
        var isCut = false;
        foreach (var match in scan.Matches)
        {
            isCut = page.IsFull;
            if (isCut)
                break;
            if (EventReader.Read(match) is { } stored)
                page.Add(stored, match.Primary);
        }

        var hasMore = isCut || (scan.HasMore && page.Events.Count > 0);
        var next = hasMore ? page.LastCursor : scan.GoOn?.ToString();
        string? follow = null;
        if (plan.Order == LogOrder.Received)
            follow = next ?? new LogCursor(LogOrder.Received, Math.Max(start, view.LastArrival), default).ToString();
        return new LogPage(page.Events, next, scan.Scanned, [FileIndexStrategy.Choose(plan)], follow);
    }

    public long Count()
    {
        if (plan.IsEmpty)
            return 0;
        long count = 0;
        VisitAll(
            block =>
            {
                foreach (var severity in plan.Levels.Severities)
                    count += block.Levels[(int)severity];
                return true;
            },
            _ => count++);
        return count;
    }

    public LogHistogram Histogram(int bucketCount)
    {
        if (plan.IsEmpty || FindRange() is not { } range)
            return new LogHistogram([]);
        var buckets = new HistogramBuckets(range.From, range.To, bucketCount);
        VisitAll(block => AddWhole(buckets, block), line => buckets.Add(line.TimestampTicks, line.Severity));
        return buckets.ToHistogram();
    }

    /// <summary>The event, or null.</summary>
    public static StoredEvent? Find(FolderView view, EventId id, LineDamage damage)
    {
        using var reader = new BlockReader(damage);
        using var decoder = new EventLineDecoder();
        foreach (var (day, block) in BlocksOf(view, id))
        {
            reader.Open(day.File, block);
            StoredEvent? found = null;
            while (reader.MoveNext(out var line))
            {
                decoder.ReadId(line);
                if (decoder.Id == id)
                    found = EventReader.Decode(decoder, line);
            }

            if (found is not null)
                return found;
        }

        return null;
    }

    /// <summary>Its arrival number; null for an event that is not there.</summary>
    public static long? FindArrival(FolderView view, EventId id)
    {
        foreach (var (_, block) in BlocksOf(view, id))
        {
            foreach (var run in block.Runs)
            {
                if (run.Contains(id))
                    return run.FirstArrival + id.Ordinal - run.FirstOrdinal;
            }
        }

        return null;
    }

    private static IEnumerable<(DayView Day, FileBlock Block)> BlocksOf(FolderView view, EventId id)
    {
        foreach (var day in view.Days)
        {
            foreach (var block in day.Blocks)
            {
                if (Array.Exists(block.Runs, run => run.Contains(id)))
                    yield return (day, block);
            }
        }
    }

    private long FindStart()
    {
        if (plan.Cursor is { } cursor)
            return cursor.Key;
        return plan.After is { } id ? FindArrival(view, id) ?? 0 : 0;
    }

    // Blocks that lie in the range and are what their description says need not be read where no filter asks.
    private void VisitAll(Func<FileBlock, bool> visitWhole, Action<EventLineDecoder> visit)
    {
        using var scan = new BlockScan(plan with { Order = LogOrder.Ascending, Cursor = null }, damage);
        var isTrue = plan.Residual is FilterNode.Constant { Value: true };
        foreach (var day in view.Days)
        {
            foreach (var block in day.Blocks.Where(scan.MayMatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isWhole = isTrue && IsExact(day, block) && block.LowestTimestamp >= plan.FromTicks && block.HighestTimestamp < plan.ToTicks;
                if (!isWhole || !visitWhole(block))
                    scan.Run(day.File, block, static () => true, () => visit(scan.Line));
            }
        }
    }

    private bool IsExact(DayView day, FileBlock block) => block.HasExactLevels && !damage.IsDamaged(day.File.Day, block);

    private bool AddWhole(HistogramBuckets buckets, FileBlock block)
    {
        var bucket = BucketOf(buckets.Bounds, block.LowestTimestamp);
        if (block.HighestTimestamp >= buckets.Bounds[bucket + 1])
            return false;
        foreach (var severity in plan.Levels.Severities)
            buckets.Add(bucket, severity, block.Levels[(int)severity]);
        return true;
    }

    private static int BucketOf(IReadOnlyList<long> bounds, long ticks)
    {
        var (low, high) = (0, bounds.Count - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (bounds[middle] <= ticks)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    // An open end is closed by the earliest or latest event.
    private (long From, long To)? FindRange()
    {
        var (from, to) = (plan.FromTicks, plan.ToTicks);
        var (lowest, highest) = (long.MaxValue, long.MinValue);
        if (from == long.MinValue || to == long.MaxValue)
        {
            var inRange = plan with { Levels = LevelSet.All, Residual = FilterNode.True, Order = LogOrder.Ascending };
            using var scan = new BlockScan(inRange, damage);
            foreach (var day in view.Days)
            {
                foreach (var block in day.Blocks.Where(block => scan.MayMatch(block) && (block.LowestTimestamp < lowest || block.HighestTimestamp > highest)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (IsExact(day, block) && block.LowestTimestamp >= from && block.HighestTimestamp < to)
                        (lowest, highest) = (Math.Min(lowest, block.LowestTimestamp), Math.Max(highest, block.HighestTimestamp));
                    else
                        scan.Run(day.File, block, static () => true, () => (lowest, highest) = (Math.Min(lowest, scan.Line.TimestampTicks), Math.Max(highest, scan.Line.TimestampTicks)));
                }
            }

            if (lowest > highest)
                return null;
        }

        var first = from == long.MinValue ? lowest : from;
        var last = to == long.MaxValue ? highest + 1 : to;
        return first < last ? (first, last) : null;
    }
}
