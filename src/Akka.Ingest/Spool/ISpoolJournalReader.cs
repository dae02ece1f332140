namespace Akka.Ingest.Spool;

/// <summary>Reads entries of a partition back from the journal: the way of a backlog that memory does not hold.</summary>
public interface ISpoolJournalReader
{
    /// <summary>
    /// Entries from <paramref name="fromSequence"/> to <paramref name="toSequence"/>, both inclusive, in order. May return fewer than
    /// asked (the caller goes on behind the last), but at least one where the range holds any. Sequence numbers of the journal
    /// that hold no entry are left out.
    /// </summary>
    Task<IReadOnlyList<SequencedEntry>> ReadAsync(string persistenceId, long fromSequence, long toSequence, CancellationToken ct);
}
