namespace Akka.Ingest.Hosting;

using System.Data.Common;
using Akka.Ingest.Spool;
using LinqToDB;
using LinqToDB.Data;

/// <summary>Trims the journal on a connection of its own, in small transactions without a flush.</summary>
/// <remarks>
/// Not by the plugin's <c>DeleteMessages</c>: it marks each row first, which writes every entry to the log once more, runs on
/// the actor that all writes pass, and flushes. A trim that a crash undoes is done again, so it needs no flush, and what
/// the next append flushes holds it.
/// </remarks>
internal sealed class SpoolJournalTrim(SpoolJournal journal) : ISpoolJournalTrim
{
    /// <summary>A step takes the write lock for so much at most (the first row always): a few milliseconds that appends wait for.</summary>
    private const long StepBytes = 4L * 1024 * 1024;
    private const int StepRows = 512;

    // One at a time for all partitions: they would only wait for one another's lock.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task<bool> TrimAsync(string persistenceId, long toSequence, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Step(persistenceId, toSequence), cancellationToken);
        }
        catch (DbException exception)
        {
            throw new SpoolReadException($"Trimming {persistenceId} up to {toSequence} failed: {exception.Message}", exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool Step(string persistenceId, long toSequence)
    {
        using var db = new DataConnection(journal.TrimOptions);
        db.Execute("PRAGMA synchronous=NORMAL");
        var id = new DataParameter("id", persistenceId, DataType.VarChar);
        var rows = db.Query(
            static row => (Sequence: row.GetInt64(0), Bytes: row.GetInt64(1)),
            """
            SELECT sequence_number, length(message) FROM journal
            WHERE persistence_id = @id AND sequence_number <= @to
              AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @id)
            ORDER BY sequence_number LIMIT @rows
            """,
            id,
            new DataParameter("to", toSequence, DataType.Int64),
            new DataParameter("rows", StepRows, DataType.Int64)).ToList();
        if (rows.Count == 0)
            return true;
        var end = 1;
        for (var bytes = rows[0].Bytes; end < rows.Count && bytes + rows[end].Bytes <= StepBytes; end++)
            bytes += rows[end].Bytes;
        db.Execute(
            "DELETE FROM journal WHERE persistence_id = @id AND sequence_number <= @end",
            id,
            new DataParameter("end", rows[end - 1].Sequence, DataType.Int64));
        return end == rows.Count && rows.Count < StepRows;
    }
}
