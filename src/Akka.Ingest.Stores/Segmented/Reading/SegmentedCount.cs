namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;
using DuckDB.NET.Data;

/// <summary>
/// Counts, alone and by time and level. What the statistics of a block answer is not read; other blocks are read by several threads,
/// and of them only the columns that the plan asks for.
/// </summary>
/// <param name="sql">Null where DuckDB is not to be used.</param>
/// <param name="minSqlRows">Fewer rows are not worth it.</param>
internal sealed class SegmentedCount(
    StoreView view, LogQueryPlan plan, int threads, SqlCounts? sql, long minSqlRows, Action<DamagedBlockException> onDamage, CancellationToken cancellationToken)
{
    public long Count()
    {
        if (plan.IsEmpty)
            return 0;
        long total = 0;
        Visit(new CountTally(), tally => total += tally.Events);
        return total;
    }

    public LogHistogram Histogram(int bucketCount)
    {
        if (plan.IsEmpty || FindRange() is not { } range)
            return new LogHistogram([]);
        var buckets = new HistogramBuckets(range.From, range.To, bucketCount);
        Visit(new HistogramTally(buckets.Bounds), tally => tally.AddTo(buckets));
        return buckets.ToHistogram();
    }

    private void Visit<T>(T empty, Action<T> add)
        where T : BlockTally<T>
    {
        var pruned = BlockPruning.Select(view.Blocks, plan with { Cursor = null }).ToList();
        if (sql is not null && CountInSql(pruned, empty) is { } counted)
        {
            add(counted.Tally);
            pruned = counted.Left;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var total = new Lock();
        Parallel.ForEach(
            pruned,
            options,
            () => (Tally: empty.New(), Filter: plan.CreateFilter()),
            (block, _, local) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                Count(block, local.Filter, local.Tally);
                return local;
            },
            local =>
            {
                lock (total)
                    add(local.Tally);
            });
    }

    // What is in segments; the rest is left to the caller.
    private (T Tally, List<StoredBlock> Left)? CountInSql<T>(List<StoredBlock> blocks, T empty)
        where T : BlockTally<T>
    {
        // Without a condition on each row, sorted rows and statistics are faster than any engine.
        if (plan.Residual is FilterNode.Constant || SqlConditions.Of(plan) is not { } conditions || (empty.Bounds is { } bounds && !SqlConditions.CanBucket(bounds)))
            return null;
        var segments = SegmentChecks.Checked(view.Segments, [.. blocks], conditions.Columns, threads, onDamage, cancellationToken);
        if (segments.Count == 0 || segments.Sum(segment => segment.Entry.Rows) < minSqlRows)
            return null;
        var tally = empty.New();
        try
        {
            sql!.Run(segments, conditions, empty.Bounds, tally.Add, cancellationToken);
        }
        catch (Exception exception) when (exception is DuckDBException or DllNotFoundException)
        {
            // Out of its memory, or not for this machine: the slower way gives the same answer.
            return null;
        }

        var counted = segments.SelectMany(segment => segment.Blocks).ToHashSet();
        return (tally, [.. blocks.Where(block => !counted.Contains(block))]);
    }

    private bool IsWithin(StoredBlock block) => block.LowestTimestamp >= plan.FromTicks && block.HighestTimestamp < plan.ToTicks;

    private void Count<T>(StoredBlock block, EventFilter filter, T tally)
        where T : BlockTally<T>
    {
        var isWithin = IsWithin(block);
        if (filter.IsTrue && isWithin && tally.TryAddWhole(block, plan.Levels))
            return;
        var found = tally.New();
        try
        {
            using var rows = block.Open();
            if (filter.IsTrue && rows.IsSorted)
                CountSorted(rows, found);
            else
                CountEach(rows, filter, isWithin, found);
            tally.Add(found);
        }
        catch (DamagedBlockException exception)
        {
            onDamage(exception);
        }
    }

    private void CountEach<T>(BlockRows rows, EventFilter filter, bool isWithin, T found)
        where T : BlockTally<T>
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var severity = rows.Severity(row);
            if (!plan.Levels.Contains(severity))
                continue;
            var ticks = found.NeedsTime || !isWithin ? rows.Timestamp(row) : 0;
            if ((isWithin || (ticks >= plan.FromTicks && ticks < plan.ToTicks)) && (filter.IsTrue || RowFilter.Matches(filter, rows, row)))
                found.Add(ticks, severity);
        }
    }

    // Rows of a bucket follow each other: only its ends are looked for, and the levels between them counted.
    private void CountSorted<T>(BlockRows rows, T found)
        where T : BlockTally<T>
    {
        var row = FirstAtOrAfter(rows, 0, plan.FromTicks);
        var end = FirstAtOrAfter(rows, row, plan.ToTicks);
        var levels = new long[LevelSet.SeverityCount];
        for (var bucket = found.BucketOf(row < end ? rows.Timestamp(row) : 0); row < end; bucket++)
        {
            var next = found.Bounds is { } bounds ? Math.Min(end, FirstAtOrAfter(rows, row, bounds[bucket + 1])) : end;
            Array.Clear(levels);
            for (; row < next; row++)
                levels[(int)rows.Severity(row)]++;
            foreach (var level in plan.Levels.Severities)
                found.Add(bucket, level, levels[(int)level]);
        }
    }

    private static int FirstAtOrAfter(BlockRows rows, int from, long ticks)
    {
        var (low, high) = (from, rows.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (rows.Timestamp(middle) < ticks)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    // An open end is closed by the earliest or latest event.
    private (long From, long To)? FindRange()
    {
        var (from, to) = (plan.FromTicks, plan.ToTicks);
        if (from != long.MinValue && to != long.MaxValue)
            return (from, to);
        var blocks = view.Blocks.Where(block => block.HighestTimestamp >= from && block.LowestTimestamp < to).ToList();
        if (blocks.Count == 0)
            return null;
        return (
            from == long.MinValue ? blocks.Min(block => block.LowestTimestamp) : from,
            to == long.MaxValue ? blocks.Max(block => block.HighestTimestamp) + 1 : to);
    }
}
