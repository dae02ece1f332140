namespace Akka.Ingest.Telemetry;

using System.Diagnostics;
using System.Diagnostics.Metrics;

/// <summary>How long the store takes: histograms for those who scrape, percentiles of the last minutes for diagnostics.</summary>
public sealed class StoreMetrics
{
    private readonly Histogram<double> _writes;
    private readonly Histogram<double> _queries;
    private readonly LatencyWindow _writeWindow;
    private readonly LatencyWindow _queryWindow;

    public StoreMetrics(IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create(IngestMetrics.MeterName);
        var durations = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        };
        _writes = meter.CreateHistogram("akka.ingest.store.write.duration", "s", "Duration of an append to the store, from its call to its commit.", tags: null, durations);
        _queries = meter.CreateHistogram("akka.ingest.store.query.duration", "s", "Duration of a query of the store.", tags: null, durations);
        _writeWindow = new LatencyWindow(time);
        _queryWindow = new LatencyWindow(time);
    }

    internal LatencyPercentiles Writes => _writeWindow.Read();

    internal LatencyPercentiles Queries => _queryWindow.Read();

    /// <param name="duration">From the call to its end.</param>
    /// <param name="errorType">Null where the batch was committed; failures are not in the percentiles.</param>
    internal void Written(TimeSpan duration, string? errorType)
    {
        if (errorType is null)
            _writeWindow.Record(duration);
        _writes.Record(duration.TotalSeconds, Tags(null, errorType));
    }

    /// <param name="operation"><c>page</c>, <c>count</c>, <c>histogram</c> or <c>find</c>.</param>
    /// <param name="duration">From the call to its end.</param>
    /// <param name="errorType">Null where it was answered; failures are not in the percentiles.</param>
    internal void Queried(string operation, TimeSpan duration, string? errorType)
    {
        if (errorType is null)
            _queryWindow.Record(duration);
        _queries.Record(duration.TotalSeconds, Tags(operation, errorType));
    }

    private static TagList Tags(string? operation, string? errorType)
    {
        var tags = default(TagList);
        if (operation is not null)
            tags.Add("akka.ingest.operation", operation);
        if (errorType is not null)
            tags.Add("error.type", errorType);
        return tags;
    }
}
