namespace Akka.Ingest.Spool;

/// <summary>Reads entries back from the journal: for a backlog that memory does not hold.</summary>
public interface ISpoolJournalReader
{
    /// <summary>
    /// The entries in a range of sequence numbers, in order; fewer where they are large: go on after the last. Rows that are no entries are left out; a corrupt entry is set aside
    /// (see <see cref="CorruptEntries"/>) and left out, which shows as a gap between ordinals.
    /// </summary>
    /// <param name="persistenceId">From <see cref="SpoolProtocol.ReadFromJournal"/>.</param>
    /// <param name="fromSequence">Inclusive.</param>
    /// <param name="toSequence">Inclusive. All of it is held in memory: keep the range as short as it was given.</param>
    /// <exception cref="SpoolReadException">The journal cannot be read now; try again later.</exception>
    Task<IReadOnlyList<SequencedEntry>> ReadAsync(string persistenceId, long fromSequence, long toSequence, CancellationToken cancellationToken);

    /// <summary>What lies at one sequence number: an entry, a <see cref="CorruptEntry"/>, another spool event, or null.</summary>
    /// <exception cref="SpoolReadException">The journal cannot be read now; try again later.</exception>
    Task<ISpoolEvent?> ReadEventAsync(string persistenceId, long sequence, CancellationToken cancellationToken);
}

/// <summary>The journal could not be read.</summary>
public sealed class SpoolReadException(string message, Exception innerException) : Exception(message, innerException);
