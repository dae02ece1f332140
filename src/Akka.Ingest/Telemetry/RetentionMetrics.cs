namespace Akka.Ingest.Telemetry;

using System.Diagnostics.Metrics;

/// <summary>The instruments of retention.</summary>
internal sealed class RetentionMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _days;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stepDuration;
    private double _lastRun;

    public RetentionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(IngestMetrics.MeterName);
        _events = meter.CreateCounter<long>("akka.ingest.retention.events", "{event}", "Events removed by retention.");
        _bytes = meter.CreateCounter<long>("akka.ingest.retention.size", "By", "About what the removed events took.");
        _days = meter.CreateCounter<long>("akka.ingest.retention.days", "{day}", "Whole days removed.");
        _deadLetters = meter.CreateCounter<long>("akka.ingest.retention.dead_letters", "{event}", "Dead letters removed by retention.");
        _failures = meter.CreateCounter<long>("akka.ingest.retention.failures", "{run}", "Runs that a failure ended; the next one goes on.");
        _duration = meter.CreateHistogram("akka.ingest.retention.duration", "s", "Duration of a run, pauses included.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.1, 1, 10, 60, 600, 3600] });
        _stepDuration = meter.CreateHistogram("akka.ingest.retention.step.duration", "s", "Duration of one step, for which writers may wait.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5] });
        meter.CreateObservableGauge("akka.ingest.retention.last_run", LastRun, "s", "When the last run ended, Unix time; absent before the first.");
    }

    /// <param name="reason"><c>age</c> or <c>size</c>.</param>
    public void Removed(string reason, long events, long bytes, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("akka.ingest.reason", reason);
        _events.Add(events, tag);
        _bytes.Add(bytes, tag);
        _stepDuration.Record(duration.TotalSeconds);
    }

    public void DayRemoved() => _days.Add(1);

    public void DeadLettersRemoved(long events) => _deadLetters.Add(events);

    /// <param name="errorType">Null where the run succeeded.</param>
    public void Ended(DateTimeOffset at, TimeSpan duration, string? errorType)
    {
        _duration.Record(duration.TotalSeconds);
        Volatile.Write(ref _lastRun, at.ToUnixTimeMilliseconds() / 1000.0);
        if (errorType is not null)
            _failures.Add(1, new KeyValuePair<string, object?>("error.type", errorType));
    }

    private IEnumerable<Measurement<double>> LastRun()
    {
        if (Volatile.Read(ref _lastRun) is > 0 and var at)
            yield return new(at);
    }
}
