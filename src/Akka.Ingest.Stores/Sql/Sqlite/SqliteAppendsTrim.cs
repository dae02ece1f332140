namespace Akka.Ingest.Stores.Sql.Sqlite;

/// <summary>Removes those rows of table Appends whose events are all gone.</summary>
internal sealed class SqliteAppendsTrim(SqliteSession session)
{
    private readonly SqliteStatement _find = session.Prepare(
        "SELECT first_id, first_arrival, count FROM Appends WHERE first_id <= ? ORDER BY first_id DESC LIMIT 1");
    private readonly SqliteStatement _isUsed = session.Prepare("SELECT 1 FROM Events WHERE arrival BETWEEN ? AND ? LIMIT 1");
    private readonly SqliteStatement _delete = session.Prepare("DELETE FROM Appends WHERE first_id = ?");

    /// <param name="removedIds">One packed id of each run that events were removed from.</param>
    public void Trim(IReadOnlyList<long> removedIds)
    {
        foreach (var id in removedIds)
        {
            if (Find(id) is not { } run || IsUsed(run.FirstArrival, run.Count))
                continue;
            _delete.Bind(1, run.FirstId);
            _delete.Execute();
        }
    }

    private (long FirstId, long FirstArrival, long Count)? Find(long id)
    {
        _find.Bind(1, id);
        try
        {
            return _find.Step() && id < _find.Int64(0) + _find.Int64(2) ? (_find.Int64(0), _find.Int64(1), _find.Int64(2)) : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    private bool IsUsed(long firstArrival, long count)
    {
        _isUsed.Bind(1, firstArrival);
        _isUsed.Bind(2, firstArrival + count - 1);
        try
        {
            return _isUsed.Step();
        }
        finally
        {
            _isUsed.Reset();
        }
    }
}
