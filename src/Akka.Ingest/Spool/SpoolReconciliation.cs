namespace Akka.Ingest.Spool;

using Akka.Ingest.Model;

/// <summary>What to do about where the store says it stands.</summary>
internal abstract record ReconcileStep
{
    private ReconcileStep()
    {
    }

    /// <summary>Answer; <paramref name="Agreed"/> when the store was seen to hold a prefix of this journal.</summary>
    public sealed record Answer(StoredPosition From, (long From, long To)? Missing, bool Agreed) : ReconcileStep;

    /// <summary>Read the entry at this sequence number and ask <see cref="SpoolReconciliation.AfterRead"/>.</summary>
    public sealed record ReadEntry(long Sequence) : ReconcileStep;

    /// <summary>Make a new spool id for everything from <paramref name="From"/> on.</summary>
    public sealed record Renew(StoredPosition From) : ReconcileStep;
}

/// <summary>Tells a journal and a store that belong together from a restored one of either. Pure.</summary>
/// <remarks>
/// <para>
/// Between an <see cref="Owned"/> and the <see cref="StoreVerified"/> after it nothing is delivered. So a store that stands at or
/// behind the first unverified Owned got there from another copy of this journal: ours was restored from a backup and what we
/// accepted since then is not what the store has under the same ordinals. What came before that Owned is in the store.
/// </para>
/// <para>
/// The same holds when the store's last entry has another checksum; there nothing proves how much the two have in common, so
/// everything behind the checkpoint goes out under the new id: better twice than lost.
/// </para>
/// </remarks>
internal static class SpoolReconciliation
{
    public static ReconcileStep Decide(SpoolState state, Guid askedSpoolId, StoredPosition? answer)
    {
        if (askedSpoolId != state.SpoolId)
            return new ReconcileStep.Answer(state.Checkpoint, null, Agreed: false);
        if (answer is not { } stored)
            return FromNothing(state);
        if (state.Unverified is { } owner)
        {
            if (stored.Offset.Sequence >= owner.Sequence || stored.Ordinal > owner.Ordinal)
                return new ReconcileStep.Renew(new StoredPosition(new SpoolOffset(owner.Sequence, 0), owner.Ordinal, 0));
        }
        else if (stored.Offset.Sequence > state.HeadEntrySequence || stored.Ordinal > state.HeadOrdinal)
        {
            return new ReconcileStep.Renew(state.Checkpoint);
        }

        // At the start of a spool id there is no entry to compare.
        if (stored.EntryChecksum == 0)
            return From(state, stored);
        if (stored.Offset.Sequence == state.Checkpoint.Offset.Sequence && state.Checkpoint.EntryChecksum != 0)
            return Compare(state, stored, state.Checkpoint.EntryChecksum);
        if (stored.Offset.Sequence == state.HeadEntrySequence)
            return Compare(state, stored, state.HeadEntryChecksum);
        return stored.Offset.Sequence <= state.TrimmedThrough
            ? From(state, stored)
            : new ReconcileStep.ReadEntry(stored.Offset.Sequence);
    }

    /// <summary>Goes on after a <see cref="ReconcileStep.ReadEntry"/>.</summary>
    /// <param name="found">The entry at the store's sequence number; null when there is none.</param>
    /// <param name="unreadable">There is one, but it is corrupt and proves nothing.</param>
    public static ReconcileStep AfterRead(SpoolState state, in StoredPosition stored, SpoolEntry? found, bool unreadable) =>
        unreadable ? From(state, stored)
        : found is null ? new ReconcileStep.Renew(state.Checkpoint)
        : Compare(state, stored, found.Checksum);

    /// <summary>
    /// The store has never heard of this spool id: new, or replaced. Everything that the journal still holds goes out; what is
    /// trimmed and was delivered under this id is told as missing.
    /// </summary>
    private static ReconcileStep.Answer FromNothing(SpoolState state)
    {
        var start = state.EarlierSpoolIds.IsEmpty ? 0 : state.EarlierSpoolIds[^1].EndOrdinal;
        if (state.Checkpoint.Ordinal <= start)
            return new ReconcileStep.Answer(state.Checkpoint, null, Agreed: true);
        return state.Trim.Ordinal > start
            ? new ReconcileStep.Answer(state.Trim, (start, state.Trim.Ordinal), Agreed: true)
            : new ReconcileStep.Answer(new StoredPosition(state.Trim.Offset, start, 0), null, Agreed: true);
    }

    private static ReconcileStep Compare(SpoolState state, in StoredPosition stored, ulong checksum) =>
        stored.EntryChecksum == checksum ? From(state, stored) : new ReconcileStep.Renew(state.Checkpoint);

    private static ReconcileStep.Answer From(SpoolState state, in StoredPosition stored) =>
        stored.Ordinal < state.Trim.Ordinal
            ? new ReconcileStep.Answer(state.Trim, (stored.Ordinal, state.Trim.Ordinal), Agreed: true)
            : new ReconcileStep.Answer(stored, null, Agreed: true);
}
