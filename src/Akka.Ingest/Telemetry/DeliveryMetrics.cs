namespace Akka.Ingest.Telemetry;

using System.Diagnostics.Metrics;

/// <summary>The instruments of delivery. Names and units follow the OpenTelemetry conventions.</summary>
internal sealed class DeliveryMetrics
{
    public const string MeterName = "Akka.Ingest";
    private const string PartitionTag = "akka.ingest.partition";
    private const string ReasonTag = "akka.ingest.reason";
    private const string ErrorTypeTag = "error.type";

    private readonly Counter<long> _stored;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _missing;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _restarts;
    private readonly Counter<long> _fenced;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _writeDuration;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _stored = meter.CreateCounter<long>("akka.ingest.delivery.events", "{event}", "Events written to the store.");
        _deadLetters = meter.CreateCounter<long>("akka.ingest.delivery.dead_letters", "{event}", "Events written to the dead letters.");
        _missing = meter.CreateCounter<long>("akka.ingest.delivery.missing", "{event}", "Events that neither journal nor store holds.");
        _retries = meter.CreateCounter<long>("akka.ingest.delivery.retries", "{retry}", "Attempts repeated after a failure.");
        _restarts = meter.CreateCounter<long>("akka.ingest.delivery.restarts", "{restart}", "Starts over after an unexpected error.");
        _fenced = meter.CreateCounter<long>("akka.ingest.delivery.fenced", "{write}", "Writes refused because another writer moved the position.");
        _batchSize = meter.CreateHistogram<int>("akka.ingest.delivery.batch.size", "{event}", "Events per store write.");
        _writeDuration = meter.CreateHistogram("akka.ingest.delivery.write.duration", "s", "Duration of a store write, failed ones included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    public void Stored(int partition, int events)
    {
        _stored.Add(events, Partition(partition));
        _batchSize.Record(events, Partition(partition));
    }

    public void DeadLettered(string reason, int events) => _deadLetters.Add(events, new KeyValuePair<string, object?>(ReasonTag, reason));

    public void Missing(int partition, long events) => _missing.Add(events, Partition(partition));

    public void Retried(int partition, string errorType) => _retries.Add(1, Partition(partition), Error(errorType));

    public void Restarted(int partition, string errorType) => _restarts.Add(1, Partition(partition), Error(errorType));

    public void Fenced(int partition) => _fenced.Add(1, Partition(partition));

    /// <param name="errorType">Null where the write succeeded.</param>
    public void WriteEnded(int partition, TimeSpan duration, string? errorType)
    {
        if (errorType is null)
            _writeDuration.Record(duration.TotalSeconds, Partition(partition));
        else
            _writeDuration.Record(duration.TotalSeconds, Partition(partition), Error(errorType));
    }

    private static KeyValuePair<string, object?> Partition(int partition) => new(PartitionTag, partition);

    private static KeyValuePair<string, object?> Error(string type) => new(ErrorTypeTag, type);
}
