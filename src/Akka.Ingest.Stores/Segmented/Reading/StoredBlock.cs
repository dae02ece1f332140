namespace Akka.Ingest.Stores.Segmented.Reading;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>
/// Events that are read, checked and lost together: a frame of an active file or a row group of a segment. Queries, sealing and
/// compaction see nothing else.
/// </summary>
internal abstract class StoredBlock
{
    private volatile bool _isDamaged;

    /// <summary>Number of events.</summary>
    public required int Count { get; init; }
    public required long LowestTimestamp { get; init; }
    public required long HighestTimestamp { get; init; }
    public required long LowestArrival { get; init; }
    public required long HighestArrival { get; init; }

    /// <summary>Events by severity, six numbers.</summary>
    public required IReadOnlyList<int> Levels { get; init; }

    /// <summary>True once a checksum did not hold: no event of the block is served any more.</summary>
    public bool IsDamaged => _isDamaged;

    public void MarkAsDamaged() => _isDamaged = true;

    /// <summary>About what the events take in memory.</summary>
    public abstract long ExpandedBytes { get; }

    /// <summary>False where the block surely does not hold the event.</summary>
    public abstract bool MayHold(EventId id);

    /// <summary>Opens the block for one reader.</summary>
    /// <exception cref="DamagedBlockException">Not what was written there.</exception>
    public abstract BlockRows Open();

    /// <summary>What is lost when the block is.</summary>
    public abstract StoreDamage Describe(string reason);
}

/// <summary>The events of one block, by row. For one reader; spans and records are valid until the next call.</summary>
/// <remarks>Every member may throw <see cref="DamagedBlockException"/>: columns are read when they are first asked for.</remarks>
internal abstract class BlockRows(StoredBlock block) : IDisposable
{
    public StoredBlock Block => block;
    public int Count => block.Count;

    /// <summary>True where rows stand in the order of (timestamp, id).</summary>
    public abstract bool IsSorted { get; }
    public abstract long Timestamp(int row);
    public abstract Severity Severity(int row);
    public abstract long Arrival(int row);
    public abstract EventId Id(int row);
    public abstract long ReceivedTicks(int row);
    public abstract string ApiKeyId(int row);
    public abstract ReadOnlySpan<byte> ApiKeyUtf8(int row);

    /// <summary>The record; fields that are not in <paramref name="fields"/> (bit n = field n) may be missing from it.</summary>
    public abstract EventRecord Record(int row, int fields);

    /// <summary>The whole record, byte for byte.</summary>
    public abstract ReadOnlySpan<byte> RecordBytes(int row);

    /// <summary>The whole record, byte for byte, in memory of its own.</summary>
    public byte[] CopyRecord(int row) => RecordBytes(row).ToArray();

    public StoredEvent Event(int row) => new(Id(row), new DateTime(ReceivedTicks(row), DateTimeKind.Utc), ApiKeyId(row), CopyRecord(row));

    public abstract void Dispose();
}

/// <summary>Bytes of a block are not those that were written.</summary>
internal sealed class DamagedBlockException(StoredBlock block, string reason) : Exception(reason)
{
    public StoredBlock Block => block;
}
