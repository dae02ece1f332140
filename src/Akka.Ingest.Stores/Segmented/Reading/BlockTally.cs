namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>What is counted of a block.</summary>
internal abstract class BlockTally<T>
    where T : BlockTally<T>
{
    /// <summary>True where <see cref="Add(long, Severity)"/> must be told the time.</summary>
    public abstract bool NeedsTime { get; }

    /// <summary>Bounds of the buckets; null where time does not matter.</summary>
    public virtual IReadOnlyList<long>? Bounds => null;
    /// <summary>Bucket of a time within the bounds; 0 without bounds.</summary>
    public virtual int BucketOf(long ticks) => 0;
    public abstract T New();
    public abstract void Add(int bucket, Severity severity, long events);
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

    public override void Add(int bucket, Severity severity, long events) => Events += events;

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

    public override IReadOnlyList<long>? Bounds => bounds;

    public override HistogramTally New() => new(bounds);

    public override void Add(int bucket, Severity severity, long events) => _whole[bucket, (int)severity] += events;

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

    public override int BucketOf(long ticks)
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
