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
    public sealed record Append(int Partition, EventBlock Block, DateTime ReceivedAt, string ApiKeyId, IdempotencyIdentity? Identity) : ISpoolCommand
    {
        private const int Waiting = 0, Taken = 1, Copied = 2, GivenUp = 3;
        private int _claim;

        /// <summary>Size of the chunks, known also after the block is disposed.</summary>
        internal int StoredBytes { get; } = Block.Chunks.Length;

        /// <summary>The partition is about to copy the block. False when the sender has given up and may have disposed it.</summary>
        internal bool TryTake() => Interlocked.CompareExchange(ref _claim, Taken, Waiting) == Waiting;

        /// <summary>The block's bytes are in the entry; the sender may dispose it.</summary>
        internal void MarkCopied() => Volatile.Write(ref _claim, Copied);

        /// <summary>
        /// The sender waits no longer and will dispose the block. True: the request was not taken and never will be, nothing is
        /// written. False: it is on its way into the journal, the outcome is unknown.
        /// </summary>
        internal bool TryGiveUp()
        {
            if (Interlocked.CompareExchange(ref _claim, GivenUp, Waiting) == Waiting)
                return true;
            SpinWait.SpinUntil(() => Volatile.Read(ref _claim) != Taken);
            return false;
        }
    }

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
    /// The next entries after a sequence number. Waits while there are none; a newer pull takes the place of one that waits, and the
    /// older one is never answered. Answered by <see cref="Entries"/> from memory, by <see cref="ReadFromJournal"/> for a backlog
    /// that memory does not hold, or by <see cref="ReconcileFirst"/>. What lies at or before <paramref name="AfterSequence"/> is
    /// dropped from memory.
    /// </summary>
    public sealed record Pull(int Partition, long AfterSequence) : ISpoolCommand;

    public sealed record Entries(ImmutableArray<SequencedEntry> Items) : INoSerializationVerificationNeeded;

    /// <summary>Read this range with <see cref="ISpoolJournalReader"/>, it may hold no entry at all; then pull after <paramref name="ToSequence"/>.</summary>
    /// <param name="PersistenceId">The partition's journal.</param>
    /// <param name="FromSequence">Inclusive.</param>
    /// <param name="ToSequence">Inclusive.</param>
    public sealed record ReadFromJournal(string PersistenceId, long FromSequence, long ToSequence) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Answer to a <see cref="Pull"/> before the partition and the store were compared: the partition was restarted, its journal may
    /// be another one. Read the store's position and <see cref="Reconcile"/>.
    /// </summary>
    public sealed record ReconcileFirst : INoSerializationVerificationNeeded
    {
        public static readonly ReconcileFirst Instance = new();
    }

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
        /// <summary>Ordinals after <see cref="Stored"/> that no event has: entries that could not be read.</summary>
        public long LostOrdinals { get; init; }

        /// <summary>Events accepted and not yet settled.</summary>
        public long Backlog => HeadOrdinal - Stored.Ordinal - LostOrdinals;

        /// <summary>Events accepted since the spool was made, for each API key id.</summary>
        public ImmutableDictionary<string, AcceptedCount> Accepted { get; init; } = ImmutableDictionary<string, AcceptedCount>.Empty;
    }

    /// <summary>
    /// Finish the write in flight, refuse what waits, save the checkpoint, stop. Told to one partition it stops that one, told to the
    /// parent it stops all; the sender watches for the end.
    /// </summary>
    public sealed record StopPartition : INoSerializationVerificationNeeded
    {
        public static readonly StopPartition Instance = new();
    }
}

/// <summary>An entry with its place in the journal.</summary>
public readonly record struct SequencedEntry(long Sequence, SpoolEntry Entry);
