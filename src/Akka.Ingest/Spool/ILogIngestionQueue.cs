namespace Akka.Ingest.Spool;

using Akka.Ingest.Model;

/// <summary>The durable queue as the HTTP side sees it: the only place that asks the spool.</summary>
/// <remarks>Thread-safe. Never throws for a refusal: refusals are in the outcome.</remarks>
public interface ILogIngestionQueue
{
    /// <summary>
    /// Makes the events durable. On a success they are in the journal, committed and flushed to disk. Waits for room when the
    /// queue is full, for at most <c>MaxHoldMs</c>. The caller keeps owning <paramref name="block"/> and disposes it afterwards.
    /// </summary>
    ValueTask<AppendOutcome> AppendAsync(EventBlock block, DateTime receivedAt, string apiKeyId, IdempotencyIdentity? identity, CancellationToken cancellationToken);

    /// <summary>Answers a repeated request without looking at limits; null when the identity is new.</summary>
    ValueTask<AppendOutcome?> FindAsync(IdempotencyIdentity identity, CancellationToken cancellationToken);

    /// <summary>Where every partition stands.</summary>
    Task<IReadOnlyList<SpoolProtocol.SpoolStatus>> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>From now on every append is refused as <see cref="IngestErrorKind.Stopping"/>, held ones at once.</summary>
    void StopAccepting();
}

/// <summary>Either a receipt or an error.</summary>
/// <param name="Receipt">Set on success.</param>
/// <param name="Error">Set on a refusal.</param>
/// <param name="Replayed">The success is that of an earlier request with the same identity.</param>
public sealed record AppendOutcome(Receipt? Receipt, IngestError? Error, bool Replayed = false);
