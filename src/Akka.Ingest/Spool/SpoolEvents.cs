namespace Akka.Ingest.Spool;

using Akka.Ingest.Model;

/// <summary>What a partition's journal holds. Bound to <see cref="SpoolSerializer"/>; the bytes of each kind are approved by tests.</summary>
public interface ISpoolEvent;

/// <summary>First event of a journal.</summary>
/// <param name="SpoolId">Made together with the journal; part of every event id.</param>
/// <param name="Partitions">How many partitions the spool has; fixed.</param>
public sealed record SpoolCreated(Guid SpoolId, int Partitions) : ISpoolEvent;

/// <summary>
/// First event of every incarnation of the partition, persisted before it serves or delivers: a writer that was thought lost
/// then fails on the unique (persistence id, sequence number).
/// </summary>
/// <param name="Epoch">One more than the epoch before.</param>
public sealed record Owned(uint Epoch) : ISpoolEvent;

/// <summary>The store was seen to hold a prefix of this journal; from now on it moves only by what this journal delivers.</summary>
public sealed record StoreVerified : ISpoolEvent
{
    public static readonly StoreVerified Instance = new();
}

/// <summary>
/// The store holds another history under the spool id (a restored journal): what follows <paramref name="From"/> belongs to a new id.
/// </summary>
/// <param name="NewSpoolId">Id of every event from <paramref name="From"/> on.</param>
/// <param name="From">The checkpoint under the new id.</param>
public sealed record SpoolRenewed(Guid NewSpoolId, StoredPosition From) : ISpoolEvent;

/// <summary>
/// A journal row that cannot be read. A value, because an exception while deserializing would fail every recovery.
/// Never written.
/// </summary>
/// <param name="Manifest">What the row claims to be.</param>
/// <param name="Bytes">The row as it is.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record CorruptEntry(string Manifest, byte[] Bytes, string Reason) : ISpoolEvent
{
    /// <summary>Ordinals set aside for an unreadable entry: more than an entry can hold, so that no ordinal is given twice.</summary>
    public const long ReservedOrdinals = 1L << 27;
}

/// <summary>The state of a partition as a snapshot: the bytes of <see cref="SpoolStateFormat"/>, made when the snapshot is taken.</summary>
public sealed record SpoolSnapshot(byte[] Bytes) : ISpoolEvent;
