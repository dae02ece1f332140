namespace Akka.Ingest.Query;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Counts events in equal buckets; the same arithmetic for every provider.</summary>
public sealed class HistogramBuckets
{
    private readonly long[] _bounds;
    private readonly long[,] _counts;

    /// <param name="fromTicks">Inclusive.</param>
    /// <param name="toTicks">Exclusive, above <paramref name="fromTicks"/>.</param>
    /// <param name="count">Buckets; fewer where the range has fewer ticks.</param>
    public HistogramBuckets(long fromTicks, long toTicks, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(fromTicks, toTicks);
        var range = toTicks - fromTicks;
        count = (int)Math.Min(count, range);
        _bounds = new long[count + 1];
        for (var i = 0; i <= count; i++)
            _bounds[i] = fromTicks + (long)((Int128)range * i / count);
        _counts = new long[count, LevelSet.SeverityCount];
    }

    private int Count => _bounds.Length - 1;

    /// <summary>Counts one event; its timestamp lies in the range.</summary>
    public void Add(long timestampTicks, Severity severity)
    {
        // Floating point finds the bucket or its neighbour; the bounds decide.
        var at = (int)((double)(timestampTicks - _bounds[0]) / (_bounds[^1] - _bounds[0]) * Count);
        at = Math.Clamp(at, 0, Count - 1);
        while (timestampTicks < _bounds[at])
            at--;
        while (timestampTicks >= _bounds[at + 1])
            at++;
        _counts[at, (int)severity]++;
    }

    /// <summary>Adds events that the store counted itself; <paramref name="bucket"/> lies between bounds n and n + 1.</summary>
    public void Add(int bucket, Severity severity, long events) => _counts[bucket, (int)severity] += events;

    /// <summary>Bounds in ticks, ascending; one more than there are buckets.</summary>
    public IReadOnlyList<long> Bounds => _bounds;

    public LogHistogram ToHistogram() => new([.. Enumerable.Range(0, Count).Select(ToBucket)]);

    private LogHistogramBucket ToBucket(int at) => new(
        ToUtc(_bounds[at]), ToUtc(_bounds[at + 1]), [.. Enumerable.Range(0, LevelSet.SeverityCount).Select(level => _counts[at, level])]);

    private static DateTime ToUtc(long ticks) => new(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
}
