namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>Fills pages from one view of the store.</summary>
internal sealed class SegmentedQuery(StoreView view, LogQueryPlan plan, TimeProvider clock, Action<DamagedBlockException> onDamage, CancellationToken cancellationToken)
{
    /// <summary>How far a full page looks for one more match before it says that there may be a next page.</summary>
    private const int MaxLookahead = 10_000;

    /// <summary>Events looked at between two looks at the clock.</summary>
    private const int CheckEvery = 1_024;

    public LogPage ReadPage()
    {
        if (plan.IsEmpty)
            return new LogPage([], null, 0, []);
        var start = plan.Order == LogOrder.Received ? FindStart() : long.MinValue;
        using var scan = new MergedScan(view.Blocks, plan, start, onDamage);
        var page = new LogPageBuilder(plan);
        var began = clock.GetTimestamp();
        var isOverBudget = false;
        long fullAt = 0;
        bool IsOverBudget() => isOverBudget = (page.IsFull && scan.Scanned - fullAt >= MaxLookahead)
            || (scan.Scanned % CheckEvery == 0 && (scan.Scanned >= plan.MaxScannedEvents || clock.GetElapsedTime(began) > plan.MaxDuration
                || cancellationToken.IsCancellationRequested));

        string? next = null;
        while (next is null && !isOverBudget && scan.MoveNext(IsOverBudget))
        {
            if (page.IsFull)
                next = page.LastCursor;
            else if (TryAdd(page, scan))
                fullAt = scan.Scanned;
            if (next is null && IsOverBudget())
                break;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (isOverBudget)
            next = new LogCursor(plan.Order, scan.Last.Key, scan.Last.Id).ToString();
        string? follow = null;
        if (plan.Order == LogOrder.Received)
            follow = next ?? new LogCursor(LogOrder.Received, Math.Max(start, view.NextArrival - 1), default).ToString();
        return new LogPage(page.Events, next, scan.Scanned, SegmentedIndexStrategy.Used(plan), follow);
    }

    /// <summary>The event with an id; null where the store does not hold it.</summary>
    public static (BlockRows Rows, int Row)? Find(StoreView view, EventId id, Action<DamagedBlockException> onDamage)
    {
        foreach (var block in view.Blocks.Where(block => block.MayHold(id)))
        {
            var rows = TryOpen(block, onDamage);
            try
            {
                for (var row = 0; row < rows?.Count; row++)
                {
                    if (rows.Id(row) == id)
                        return (rows, row);
                }
            }
            catch (DamagedBlockException exception)
            {
                onDamage(exception);
            }

            rows?.Dispose();
        }

        return null;
    }

    private static BlockRows? TryOpen(StoredBlock block, Action<DamagedBlockException> onDamage)
    {
        try
        {
            return block.Open();
        }
        catch (DamagedBlockException exception)
        {
            onDamage(exception);
            return null;
        }
    }

    private bool TryAdd(LogPageBuilder page, MergedScan scan)
    {
        try
        {
            page.Add(scan.Rows.Event(scan.Row), scan.Last.Key);
            return true;
        }
        catch (DamagedBlockException exception)
        {
            onDamage(exception);
            return false;
        }
    }

    private long FindStart()
    {
        if (plan.Cursor is { } cursor)
            return cursor.Key;
        if (plan.After is not { } id || Find(view, id, onDamage) is not var (rows, row))
            return 0;
        using (rows)
            return rows.Arrival(row);
    }
}
