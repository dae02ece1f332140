namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>
/// Counts, alone and by time and level. What the statistics of a block answer is not read; other blocks are read by several threads,
/// and of them only the columns that the plan asks for.
/// </summary>
internal sealed class SegmentedCount(StoreView view, LogQueryPlan plan, int threads, Action<DamagedBlockException> onDamage, CancellationToken cancellationToken)
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
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var total = new Lock();
        Parallel.ForEach(
            BlockPruning.Select(view.Blocks, plan with { Cursor = null }),
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

    private void Count<T>(StoredBlock block, EventFilter filter, T tally)
        where T : BlockTally<T>
    {
        var isWithin = block.LowestTimestamp >= plan.FromTicks && block.HighestTimestamp < plan.ToTicks;
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

/// <summary>What is counted of a block.</summary>
internal abstract class BlockTally<T>
    where T : BlockTally<T>
{
    /// <summary>True where <see cref="Add(long, Severity)"/> must be told the time.</summary>
    public abstract bool NeedsTime { get; }
    public abstract T New();
    public abstract void Add(long ticks, Severity severity);
    public abstract void Add(T other);

    /// <summary>Counts a whole block by its statistics; false where they do not tell.</summary>
    public abstract bool TryAddWhole(StoredBlock block, LevelSet levels);
}

internal sealed class CountTally : BlockTally<CountTally>
{
    public long Events { get; private set; }
    public override bool NeedsTime => false;

    public override CountTally New() => new();

    public override void Add(long ticks, Severity severity) => Events++;

    public override void Add(CountTally other) => Events += other.Events;

    public override bool TryAddWhole(StoredBlock block, LevelSet levels)
    {
        foreach (var level in levels.Severities)
            Events += block.Levels[(int)level];
        return true;
    }
}

internal sealed class HistogramTally(IReadOnlyList<long> bounds) : BlockTally<HistogramTally>
{
    private readonly HistogramBuckets _buckets = new(bounds[0], bounds[^1], bounds.Count - 1);
    private readonly long[,] _whole = new long[bounds.Count - 1, LevelSet.SeverityCount];

    public override bool NeedsTime => true;

    public override HistogramTally New() => new(bounds);

    public override void Add(long ticks, Severity severity) => _buckets.Add(ticks, severity);

    public override void Add(HistogramTally other) => other.AddTo((bucket, level, events) => _whole[bucket, level] += events);

    public override bool TryAddWhole(StoredBlock block, LevelSet levels)
    {
        var bucket = BucketOf(block.LowestTimestamp);
        if (bucket != BucketOf(block.HighestTimestamp))
            return false;
        foreach (var level in levels.Severities)
            _whole[bucket, (int)level] += block.Levels[(int)level];
        return true;
    }

    public void AddTo(HistogramBuckets buckets) => AddTo((bucket, level, events) => buckets.Add(bucket, (Severity)level, events));

    private void AddTo(Action<int, int, long> add)
    {
        var counted = _buckets.ToHistogram().Buckets;
        for (var bucket = 0; bucket < counted.Count; bucket++)
        {
            for (var level = 0; level < LevelSet.SeverityCount; level++)
                add(bucket, level, counted[bucket].BySeverity[level] + _whole[bucket, level]);
        }
    }

    private int BucketOf(long ticks)
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
}
