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
/// the journal; the layout is described at <see cref="SpoolEntryFormat"/>.
/// </summary>
public sealed class SpoolEntry : ISpoolEvent
{
    /// <summary>The whole entry as it lies in the journal. Never changed after it was made.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>Epoch of the incarnation that wrote it (<see cref="Owned"/>).</summary>
    public uint Epoch { get; init; }

    /// <summary>Ordinal of the first event.</summary>
    public long FirstOrdinal { get; init; }

    /// <summary>Events, rejected ones included.</summary>
    public int EventCount { get; init; }

    /// <summary>Events that go to the dead letters.</summary>
    public int RejectedCount { get; init; }

    /// <summary>Request batches in order of their events.</summary>
    public IReadOnlyList<SpooledRequest> Requests { get; init; } = [];

    /// <summary>Chunks back to back, see <see cref="ChunkCodec"/>. Chunk and request boundaries are independent of each other.</summary>
    public ReadOnlyMemory<byte> Chunks { get; init; }

    /// <summary>XxHash3 over the entry.</summary>
    public ulong Checksum { get; init; }

    /// <summary>Ordinal after the last event.</summary>
    public long EndOrdinal => FirstOrdinal + EventCount;

    /// <summary>The position a store reaches once every event of this entry is settled.</summary>
    public StoredPosition EndPosition(long sequence) => new(new SpoolOffset(sequence, EventCount), EndOrdinal, Checksum);
}
