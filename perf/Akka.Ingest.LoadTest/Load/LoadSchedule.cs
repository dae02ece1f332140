namespace Akka.Ingest.LoadTest.Load;

using System.Diagnostics;
using System.Runtime.InteropServices;

/// <summary>
/// When requests are due. Open loop: request k is due at start + k / rate, whoever is free takes the next one, and a request
/// that waits for a free connection is late from its due time on; so a stalled server is charged for every request that
/// should have been sent meanwhile (no coordinated omission). Closed loop: a request is due when a connection is free.
/// </summary>
internal sealed partial class LoadSchedule(long start, TimeSpan duration, double requestsPerSecond)
{
    private readonly double _interval = requestsPerSecond > 0 ? Stopwatch.Frequency / requestsPerSecond : 0;
    private long _next = -1;

    public long End { get; } = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>A request that was due in time may still be sent until then; what is left after it is counted as unsent.</summary>
    public long LastSend => IsOpen ? End + Stopwatch.Frequency : End;

    public bool IsOpen => _interval > 0;

    /// <summary>The due time of the next request, in <see cref="Stopwatch"/> ticks; false when the load is over.</summary>
    public bool TryTake(out long due)
    {
        due = IsOpen ? start + (long)(Interlocked.Increment(ref _next) * _interval) : Stopwatch.GetTimestamp();
        return due < End;
    }

    /// <summary>Sleeps until the time has come, to about 0.1 ms.</summary>
    public static void WaitUntil(long due)
    {
        while (true)
        {
            var left = due - Stopwatch.GetTimestamp();
            if (left <= 0)
                return;
            var nanoseconds = (long)(left * (1e9 / Stopwatch.Frequency));
            var request = new TimeSpec(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
            _ = NanoSleep(in request, IntPtr.Zero);
        }
    }

    public static long Microseconds(long ticks) => (long)(ticks * (1e6 / Stopwatch.Frequency));

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec request, IntPtr remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(long seconds, long nanoseconds)
    {
        public readonly long Seconds = seconds;
        public readonly long Nanoseconds = nanoseconds;
    }
}
