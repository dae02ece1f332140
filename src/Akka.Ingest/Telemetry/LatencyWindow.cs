namespace Akka.Ingest.Telemetry;

using System.Numerics;

/// <summary>Percentiles of the last minutes.</summary>
/// <param name="Count">Durations in the window; without one the others are 0.</param>
internal readonly record struct LatencyPercentiles(long Count, TimeSpan P50, TimeSpan P95, TimeSpan P99);

/// <summary>
/// Durations of a sliding window, counted in log-linear buckets: 16 for each doubling from 1 µs on, so a percentile is right to 1/16 of
/// its value. Memory is fixed. Thread-safe; recording takes no lock.
/// </summary>
/// <remarks>The window is a ring of slots; it forgets a slot at a time, so it spans between 9 and 10 slots.</remarks>
internal sealed class LatencyWindow(TimeProvider time)
{
    public static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(30);
    private const int Slots = 10;
    private const int SubBits = 4;
    private const int SubBuckets = 1 << SubBits;
    private const int Buckets = 40 * SubBuckets;

    private readonly Slot[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new Slot())];
    private readonly Lock _lock = new();

    public void Record(TimeSpan duration) => Interlocked.Increment(ref SlotOf(Now()).Counts[BucketOf(duration)]);

    public LatencyPercentiles Read()
    {
        var oldest = Now() - Slots + 1;
        var counts = new long[Buckets];
        lock (_lock)
        {
            foreach (var slot in _slots.Where(slot => slot.Number >= oldest))
            {
                for (var i = 0; i < Buckets; i++)
                    counts[i] += Volatile.Read(ref slot.Counts[i]);
            }
        }

        var total = counts.Sum();
        return new LatencyPercentiles(total, At(counts, total, 0.50), At(counts, total, 0.95), At(counts, total, 0.99));
    }

    /// <summary>The bucket's number for whole microseconds; below 16 µs each has its own.</summary>
    private static int BucketOf(TimeSpan duration)
    {
        var micros = (ulong)Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        if (micros < SubBuckets)
            return (int)micros;
        var shift = BitOperations.Log2(micros) - SubBits;
        return Math.Min(Buckets - 1, ((shift + 1) << SubBits) + (int)((micros >> shift) - SubBuckets));
    }

    /// <summary>Middle of a bucket.</summary>
    private static TimeSpan ValueOf(int bucket)
    {
        if (bucket < SubBuckets)
            return TimeSpan.FromMicroseconds(bucket);
        var shift = (bucket >> SubBits) - 1;
        var low = (double)((ulong)((bucket & (SubBuckets - 1)) + SubBuckets) << shift);
        return TimeSpan.FromMicroseconds(low + ((1UL << shift) / 2.0));
    }

    private static TimeSpan At(long[] counts, long total, double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(total * share));
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            rank -= counts[bucket];
            if (rank <= 0)
                return ValueOf(bucket);
        }

        return TimeSpan.Zero;
    }

    private long Now() => time.GetTimestamp() / (long)(SlotLength.TotalSeconds * time.TimestampFrequency);

    private Slot SlotOf(long number)
    {
        var slot = _slots[number % Slots];
        if (Volatile.Read(ref slot.Number) == number)
            return slot;
        lock (_lock)
        {
            if (slot.Number < number)
            {
                Array.Clear(slot.Counts);
                Volatile.Write(ref slot.Number, number);
            }
        }

        return slot;
    }

    private sealed class Slot
    {
        public readonly int[] Counts = new int[Buckets];
        public long Number = -1;
    }
}
