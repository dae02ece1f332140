namespace Akka.Ingest.Delivery;

using Akka.Actor;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Microsoft.Extensions.Logging;

/// <summary>What delivery works with; shared by all partitions of a node.</summary>
/// <param name="Spool">Takes <see cref="SpoolProtocol.ISpoolCommand"/>s: the local parent of the partitions or the shard region.</param>
/// <param name="Random">Source of jitter. Thread-safe.</param>
internal sealed record DeliveryServices(
    ILogStore Store,
    IActorRef Spool,
    ISpoolJournalReader Journal,
    DeadLetterSink DeadLetters,
    DeliverySettings Settings,
    DeliveryMetrics Metrics,
    TimeProvider Time,
    Random Random,
    ILogger Logger)
{
    public RetryPolicy CreateRetryPolicy() => new(Settings.RetryDelay, Settings.MaxRetryDelay, Settings.MaxWriteRetries, Random);
}
