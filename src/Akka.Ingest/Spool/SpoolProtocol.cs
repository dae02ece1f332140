namespace Akka.Ingest.Spool;

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Ingest.Model;

/// <summary>
/// Everything a spool partition is asked and answers. On one node these messages go to a local parent, in a cluster to
/// the shard region; both find the partition by <see cref="ISpoolCommand.Partition"/>.
/// </summary>
public static class SpoolProtocol
{
    public interface ISpoolCommand : INoSerializationVerificationNeeded
    {
        int Partition { get; }
    }

    // ---- the ingest side -------------------------------------------------------------------------------------------

    /// <summary>
    /// Journal the events of one request. Answered by <see cref="Appended"/> only after the journal transaction is committed
    /// and flushed, else by <see cref="AppendRejected"/>. May be repeated with an identity; without one, not after
    /// <see cref="IngestErrorKind.OutcomeUnknown"/>. The actor copies the block's bytes before it answers; the sender disposes it.
    /// </summary>
    public sealed record Append(int Partition, EventBlock Block, DateTime ReceivedAt, string ApiKeyId, IdempotencyIdentity? Identity) : ISpoolCommand;

    /// <param name="Receipt">Where the events lie.</param>
    /// <param name="Replayed">True when an earlier request with the same identity is answered again.</param>
    public sealed record Appended(Receipt Receipt, bool Replayed) : INoSerializationVerificationNeeded;

    public sealed record AppendRejected(IngestError Error) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Has this identity been accepted? Answered by <see cref="Appended"/> (replayed), <see cref="AppendRejected"/> (conflict) or
    /// <see cref="NotSeen"/>; while the first request is still in flight the answer waits for its outcome.
    /// </summary>
    public sealed record Find(int Partition, IdempotencyIdentity Identity) : ISpoolCommand;

    public sealed record NotSeen : INoSerializationVerificationNeeded
    {
        public static readonly NotSeen Instance = new();
    }

    // ---- the delivery side -----------------------------------------------------------------------------------------

    /// <summary>
    /// Delivery tells where the store stands before it reads anything. Answered by <see cref="Resume"/> once the partition has
    /// recovered, after a new spool id is persisted if the store turned out to be ahead of this journal or to hold
    /// another history.
    /// </summary>
    /// <param name="Partition">Spool partition.</param>
    /// <param name="Stored">The store's answer for the spool id of <see cref="GetStatus"/>; null where it has none.</param>
    /// <param name="SpoolId">The spool id the position was read for.</param>
    public sealed record Reconcile(int Partition, Guid SpoolId, StoredPosition? Stored) : ISpoolCommand;

    /// <param name="SpoolId">Id under which to deliver from now on. If it differs from the asked one, read the store's position again.</param>
    /// <param name="From">Where to go on.</param>
    /// <param name="Missing">Ordinals that neither store nor journal holds (a restored older store), [from, to); null for none.</param>
    public sealed record Resume(Guid SpoolId, StoredPosition From, (long From, long To)? Missing) : INoSerializationVerificationNeeded;

    /// <summary>
    /// The next entries after a sequence number. Waits while there are none. Answered by <see cref="Entries"/> from memory, or
    /// by <see cref="ReadFromJournal"/> for a backlog that memory does not hold.
    /// </summary>
    public sealed record Pull(int Partition, long AfterSequence) : ISpoolCommand;

    public sealed record Entries(ImmutableArray<SequencedEntry> Items) : INoSerializationVerificationNeeded;

    /// <param name="FromSequence">Inclusive.</param>
    /// <param name="ToSequence">Inclusive.</param>
    public sealed record ReadFromJournal(string PersistenceId, long FromSequence, long ToSequence) : INoSerializationVerificationNeeded;

    /// <summary>Everything before <paramref name="Position"/> is settled in the store. Not answered; may be repeated.</summary>
    public sealed record Confirm(int Partition, Guid SpoolId, StoredPosition Position) : ISpoolCommand;

    // ---- operations ------------------------------------------------------------------------------------------------

    public sealed record GetStatus(int Partition) : ISpoolCommand;

    /// <param name="HeadSequence">Last journaled sequence number.</param>
    /// <param name="HeadOrdinal">Events ever accepted by the partition.</param>
    /// <param name="Stored">The checkpoint; may lag behind the store.</param>
    /// <param name="OldestUnstoredAt">Time of receipt of the oldest event not yet stored; null without a backlog.</param>
    /// <param name="EarlierSpoolIds">Ids this partition had before, with the ordinal at which each ended.</param>
    public sealed record SpoolStatus(
        int Partition,
        Guid SpoolId,
        long HeadSequence,
        long HeadOrdinal,
        StoredPosition Stored,
        DateTime? OldestUnstoredAt,
        ImmutableArray<(Guid SpoolId, long EndOrdinal)> EarlierSpoolIds) : INoSerializationVerificationNeeded
    {
        /// <summary>Events accepted and not yet settled.</summary>
        public long Backlog => HeadOrdinal - Stored.Ordinal;
    }
}

/// <summary>An entry with its place in the journal.</summary>
public readonly record struct SequencedEntry(long Sequence, SpoolEntry Entry);
