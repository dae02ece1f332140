namespace Akka.Ingest.Telemetry;

using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Ingest.Http;
using Akka.Ingest.Model;
using Akka.Ingest.Operations;

/// <summary>Instruments of the ingest side. Tags are closed lists; no key, path or text of a request ever is one.</summary>
internal sealed class IngestMetrics
{
    /// <summary>The one meter of this service.</summary>
    public const string MeterName = "Akka.Ingest";

    private const string Protocol = "akka.ingest.protocol";
    private const string Outcome = "akka.ingest.outcome";
    private const string Partition = "akka.ingest.partition";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _events;
    private readonly Counter<long> _rejectedEvents;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _refusals;
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _appendDuration;

    public IngestMetrics(IMeterFactory meters, InFlightBudget budget, PipelineProbe probe)
    {
        var meter = meters.Create(MeterName);
        var durations = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
        };
        _requests = meter.CreateCounter<long>("akka.ingest.requests", "{request}", "Ingest requests answered.");
        _events = meter.CreateCounter<long>("akka.ingest.events.accepted", "{event}", "Events accepted and journaled, rejected ones included.");
        _rejectedEvents = meter.CreateCounter<long>("akka.ingest.events.rejected", "{event}", "Events accepted for the dead letters only.");
        _bytes = meter.CreateCounter<long>("akka.ingest.accepted.size", "By", "Decoded bodies of accepted requests.");
        _refusals = meter.CreateCounter<long>("akka.ingest.refusals", "{request}", "Ingest requests refused.");
        _requestDuration = meter.CreateHistogram("akka.ingest.request.duration", "s", "From the request's header to its answer.", tags: null, durations);
        _appendDuration = meter.CreateHistogram("akka.ingest.spool.append.duration", "s", "From handing events to the spool to the flushed journal.", tags: null, durations);
        meter.CreateObservableUpDownCounter("akka.ingest.requests.in_flight.size", () => budget.UsedBytes, "By", "Bodies and encoded blocks in memory.");
        meter.CreateObservableUpDownCounter("akka.ingest.requests.held", () => (long)budget.Waiting, "{request}", "Requests that wait for memory.");
        meter.CreateObservableGauge("akka.ingest.spool.backlog", () => Backlog(probe), "{event}", "Events accepted and not yet settled.");
        meter.CreateObservableGauge("akka.ingest.spool.oldest.age", () => OldestAge(probe), "s", "Age of the oldest event not yet settled.");
    }

    public void Accepted(string protocol, in Admitted admitted, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>(Protocol, protocol);
        Answered(tag, admitted.Replayed ? "replayed" : "accepted", duration);
        if (admitted.Replayed || admitted.Receipt is not { } receipt)
            return;
        _events.Add(receipt.Accepted, tag);
        _bytes.Add(admitted.BodyBytes, tag);
        if (receipt.Rejected > 0)
            _rejectedEvents.Add(receipt.Rejected, tag);
    }

    public void Refused(string protocol, IngestErrorKind kind, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>(Protocol, protocol);
        Answered(tag, "refused", duration);
        _refusals.Add(1, tag, new KeyValuePair<string, object?>("error.type", Refusals.Of(kind).Name));
    }

    public void ClientGone(string protocol, TimeSpan duration) =>
        Answered(new KeyValuePair<string, object?>(Protocol, protocol), "client-gone", duration);

    public void Spooled(TimeSpan duration) => _appendDuration.Record(duration.TotalSeconds);

    private void Answered(KeyValuePair<string, object?> protocol, string outcome, TimeSpan duration)
    {
        var tags = new TagList { protocol, new(Outcome, outcome) };
        _requests.Add(1, tags);
        _requestDuration.Record(duration.TotalSeconds, tags);
    }

    private static IEnumerable<Measurement<long>> Backlog(PipelineProbe probe)
    {
        foreach (var partition in probe.Last.Partitions)
            yield return new(partition.Backlog, new KeyValuePair<string, object?>(Partition, partition.Partition));
    }

    private static IEnumerable<Measurement<double>> OldestAge(PipelineProbe probe)
    {
        foreach (var partition in probe.Last.Partitions)
        {
            var age = partition.OldestUnstoredAt is { } oldest ? Math.Max(0, (probe.Last.At - oldest).TotalSeconds) : 0;
            yield return new(age, new KeyValuePair<string, object?>(Partition, partition.Partition));
        }
    }
}
