namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;

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

    // What statistics do not answer of the segments; the rest is left to the caller.
    private (T Tally, List<StoredBlock> Left)? CountInSql<T>(List<StoredBlock> blocks, T empty)
        where T : BlockTally<T>
    {
        if (SqlConditions.Of(plan) is not { } conditions || (empty.Bounds is { } bounds && !SqlConditions.CanBucket(bounds)))
            return null;
        var tally = empty.New();
        var isPlain = plan.Residual is FilterNode.Constant;
        var unread = blocks.Where(block => !(isPlain && IsWithin(block) && tally.TryAddWhole(block, plan.Levels))).ToHashSet();
        var segments = SegmentChecks.Checked(view.Segments, unread, conditions.Columns, threads, onDamage, cancellationToken);
        if (segments.Sum(segment => segment.Entry.Rows) < minSqlRows)
            return null;
        var covered = segments.SelectMany(segment => segment.Blocks).ToHashSet();
        var answered = blocks.Where(block => covered.Contains(block) || !unread.Contains(block)).ToHashSet();
        tally = empty.New();
        foreach (var block in answered.Where(block => !covered.Contains(block)))
            tally.TryAddWhole(block, plan.Levels);
        if (segments.Count > 0)
            sql!.Run(segments, conditions, empty.Bounds, tally.Add, cancellationToken);
        return (tally, [.. blocks.Where(block => !answered.Contains(block))]);
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
            for (var row = 0; row < rows.Count; row++)
            {
                var severity = rows.Severity(row);
                if (!plan.Levels.Contains(severity))
                    continue;
                var ticks = found.NeedsTime || !isWithin ? rows.Timestamp(row) : 0;
                if ((isWithin || (ticks >= plan.FromTicks && ticks < plan.ToTicks)) && (filter.IsTrue || RowFilter.Matches(filter, rows, row)))
                    found.Add(ticks, severity);
            }

            tally.Add(found);
        }
        catch (DamagedBlockException exception)
        {
            onDamage(exception);
        }
    }

    // An open end is closed by the earliest or latest event.
    private (long From, long To)? FindRange()
    {
        var blocks = view.Blocks.Where(block => block.HighestTimestamp >= plan.FromTicks && block.LowestTimestamp < plan.ToTicks).ToList();
        if (blocks.Count == 0)
            return null;
        var from = plan.FromTicks == long.MinValue ? blocks.Min(block => block.LowestTimestamp) : plan.FromTicks;
        var to = plan.ToTicks == long.MaxValue ? blocks.Max(block => block.HighestTimestamp) + 1 : plan.ToTicks;
        return from < to ? (from, to) : null;
    }
}
