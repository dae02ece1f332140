namespace Akka.Ingest.LoadTest.Scenarios;

using Akka.Ingest.LoadTest.Baselines;
using Akka.Ingest.LoadTest.Measure;
using HdrHistogram;

/// <summary>Percentiles in milliseconds.</summary>
internal sealed record LatencySummary(long Count, double Mean, double P50, double P90, double P95, double P99, double P999, double Max)
{
    public static LatencySummary Of(LongHistogram histogram)
    {
        double At(double percentile) => Math.Round(histogram.GetValueAtPercentile(percentile) / 1000.0, 3);
        return histogram.TotalCount == 0
            ? new LatencySummary(0, 0, 0, 0, 0, 0, 0, 0)
            : new LatencySummary(histogram.TotalCount, Math.Round(histogram.GetMean() / 1000, 3), At(50), At(90), At(95), At(99), At(99.9), At(100));
    }
}

/// <summary>What was asked for.</summary>
internal sealed record LoadDescription(
    string Loop, double TargetEventsPerSecond, int Connections, int Batch, string Format, bool Gzip, bool Keyed, bool StoreLocked,
    double WarmupSeconds, double DurationSeconds, EventDescription Events);

/// <summary>What the clients saw.</summary>
internal sealed record ClientResult(
    double ElapsedSeconds, long AcceptedEvents, long AcceptedRequests, double AcceptedEventsPerSecond, double AcceptedRequestsPerSecond,
    double MegabytesPerSecond, long UnsentRequests, long MiscountedAnswers, IReadOnlyDictionary<string, long> Refusals,
    IReadOnlyDictionary<string, string> RefusalSamples, LatencySummary LatencyMs, LatencySummary ServiceTimeMs, double ClientCpuMicrosecondsPerEvent);

/// <summary>What the server's process took. Null where the process or the drained moment is not known.</summary>
/// <param name="CpuMicrosecondsPerEventToAck">Server CPU from the start of the load to its last answer, per accepted event; delivery that ran beside is in it.</param>
/// <param name="CpuMicrosecondsPerEventToDrained">The same until everything was stored.</param>
/// <param name="PeakRssMb">Kernel's peak (VmHWM) from the start of the measured time to the end, draining included.</param>
/// <param name="DiskWriteBytesPerEvent">Bytes that the process wrote to the disk, per accepted event, until the end.</param>
/// <param name="CpuMicrosecondsPerEventByThread">The share of the CPU to the last answer by thread name, largest first; threads that ended meanwhile are missing.</param>
/// <param name="OthersCpuShare">Share of the machine's processor time used by neither server nor generator during the load.</param>
internal sealed record ServerResult(
    double? CpuMicrosecondsPerEventToAck, double? CpuMicrosecondsPerEventToDrained, double? CpuCoresDuringLoad, double? RssStartMb, double? PeakRssMb,
    bool PeakWasReset, double? DiskWriteBytesPerEvent, IReadOnlyDictionary<string, double> CpuMicrosecondsPerEventByThread, double OthersCpuShare);

/// <summary>What waited and what was stored.</summary>
/// <param name="GrowthPerSecond">Slope of the backlog over the measured time without its first tenth, events a second, by least squares.</param>
/// <param name="CountedAgainstAccepted">Events in the store at the end, less those before, less those accepted: 0 = exactly once.</param>
internal sealed record DeliveryResult(
    double? BacklogAtStart, double? BacklogAtEnd, double? BacklogMax, double? GrowthPerSecond, double? StoredEventsPerSecond, double? DrainedAfterSeconds,
    double? DrainEventsPerSecond, long? CountedAgainstAccepted, double SpoolMbAtEndOfLoad, double SpoolMbMax, double SpoolMbAtEnd, double? SpoolBytesPerEvent,
    double? StoreBytesPerEvent);

/// <summary>One measured load.</summary>
internal sealed record LoadResult(
    string Name, LoadDescription Load, ClientResult Client, ServerResult Server, DeliveryResult Delivery, IReadOnlyList<LoadSample> Samples,
    IReadOnlyList<LoadSample> DrainSamples)
{
    /// <summary>As in <c>Storage:Provider</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>What the plain driver reached with the same rows afterwards.</summary>
    public StoreBaseline? Baseline { get; init; }

    /// <summary>Accepted events over the time from the first request until all were stored; null when they were not.</summary>
    public double? StoredEventsPerSecondEndToEnd => Delivery.DrainedAfterSeconds is { } drained
        ? Math.Round(Client.AcceptedEvents / (Client.ElapsedSeconds + drained))
        : null;
}

/// <summary>A figure held against a limit.</summary>
internal sealed record Bar(string What, double? Figure, string Unit, double Limit, bool AtLeast)
{
    public string Verdict => Figure is null ? "UNKNOWN" : (AtLeast ? Figure >= Limit : Figure <= Limit) ? "PASS" : "MISS";
}

/// <summary>The whole result file.</summary>
internal sealed record ScenarioResult(
    string Scenario, DateTimeOffset Time, MachineDescription Machine, IReadOnlyList<string> ServerSettings, IReadOnlyList<LoadResult> Loads,
    IReadOnlyList<Bar> Bars);
