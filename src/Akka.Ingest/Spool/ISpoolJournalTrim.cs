namespace Akka.Ingest.Spool;

/// <summary>Takes settled entries out of the journal.</summary>
public interface ISpoolJournalTrim
{
    /// <summary>
    /// Deletes some of the rows up to <paramref name="toSequence"/>, lowest first, and never the last row of the partition: it
    /// keeps the sequence numbers going. True when none is left to delete. Safe to repeat; need not be durable on return.
    /// </summary>
    /// <exception cref="SpoolReadException">The journal is away or busy; try again later.</exception>
    Task<bool> TrimAsync(string persistenceId, long toSequence, CancellationToken cancellationToken);
}
