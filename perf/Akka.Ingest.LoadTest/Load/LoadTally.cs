namespace Akka.Ingest.LoadTest.Load;

using HdrHistogram;

/// <summary>What one connection saw; added up after the load, so that nothing is shared while it runs.</summary>
internal sealed class LoadTally
{
    /// <summary>Longest latency told apart: ten minutes, in microseconds.</summary>
    private const long HighestMicroseconds = 600_000_000;

    private readonly Dictionary<string, long> _refusals = [];
    private readonly Dictionary<string, string> _samples = [];

    /// <summary>From the intended send time (open loop) or the send (closed loop) to the whole answer, microseconds.</summary>
    public LongHistogram Latency { get; } = new(HighestMicroseconds, 3);

    /// <summary>From the actual send to the whole answer, microseconds: what a generator without a schedule would report.</summary>
    public LongHistogram ServiceTime { get; } = new(HighestMicroseconds, 3);

    public long AcceptedRequests { get; private set; }

    public long AcceptedEvents { get; private set; }

    /// <summary>Successes whose body states another number than was sent.</summary>
    public long MiscountedAnswers { get; set; }

    public long BytesSent { get; private set; }

    /// <summary>Requests whose time came and that no connection was free to send before the end.</summary>
    public long Unsent { get; private set; }

    /// <summary>Answers other than 2xx by status, and connection errors by kind.</summary>
    public IReadOnlyDictionary<string, long> Refusals => _refusals;

    /// <summary>The first body of each kind of refusal.</summary>
    public IReadOnlyDictionary<string, string> RefusalSamples => _samples;

    public void Accepted(int events, long bytes)
    {
        AcceptedRequests++;
        AcceptedEvents += events;
        BytesSent += bytes;
    }

    public void Refused(string kind, string sample)
    {
        _refusals[kind] = _refusals.GetValueOrDefault(kind) + 1;
        _samples.TryAdd(kind, sample);
    }

    public void NotSent(long lateMicroseconds)
    {
        Unsent++;
        Record(Latency, lateMicroseconds);
    }

    public void Answered(long latencyMicroseconds, long serviceMicroseconds)
    {
        Record(Latency, latencyMicroseconds);
        Record(ServiceTime, serviceMicroseconds);
    }

    public void Add(LoadTally other)
    {
        Latency.Add(other.Latency);
        ServiceTime.Add(other.ServiceTime);
        AcceptedRequests += other.AcceptedRequests;
        AcceptedEvents += other.AcceptedEvents;
        MiscountedAnswers += other.MiscountedAnswers;
        BytesSent += other.BytesSent;
        Unsent += other.Unsent;
        foreach (var (kind, count) in other._refusals)
            _refusals[kind] = _refusals.GetValueOrDefault(kind) + count;
        foreach (var (kind, sample) in other._samples)
            _samples.TryAdd(kind, sample);
    }

    private static void Record(LongHistogram histogram, long microseconds) =>
        histogram.RecordValue(Math.Clamp(microseconds, 0, HighestMicroseconds));
}
