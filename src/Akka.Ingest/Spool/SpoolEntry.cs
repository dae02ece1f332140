namespace Akka.Ingest.Spool;

using Akka.Ingest.Model;

/// <summary>One request batch inside an entry.</summary>
/// <param name="ReceivedAt">UTC.</param>
/// <param name="ApiKeyId">Empty for none.</param>
/// <param name="EventCount">Events, rejected ones included; they follow those of the batch before.</param>
/// <param name="RejectedCount">How many of them go to the dead letters.</param>
/// <param name="Identity">The request's declared identity, if it had one.</param>
public sealed record SpooledRequest(DateTime ReceivedAt, string ApiKeyId, int EventCount, int RejectedCount, IdempotencyIdentity? Identity);

/// <summary>
/// One journal event of a partition: the request batches that were committed together. Wraps the exact bytes that are in
/// the journal.
/// </summary>
public sealed class SpoolEntry
{
    /// <summary>Ordinal of the first event.</summary>
    public long FirstOrdinal { get; init; }

    /// <summary>Events, rejected ones included.</summary>
    public int EventCount { get; init; }

    /// <summary>Request batches in order of their events.</summary>
    public IReadOnlyList<SpooledRequest> Requests { get; init; } = [];

    /// <summary>Chunks back to back, see <see cref="ChunkCodec"/>. Chunk and request boundaries are independent of each other.</summary>
    public ReadOnlyMemory<byte> Chunks { get; init; }

    /// <summary>XxHash3 over the entry.</summary>
    public ulong Checksum { get; init; }
}
