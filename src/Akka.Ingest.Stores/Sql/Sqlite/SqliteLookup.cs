namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;

/// <summary>From an event's id to its arrival: one search in table Appends, which holds a row for each run of events.</summary>
internal static class SqliteLookup
{
    /// <summary>The arrival; null for an event the store does not know.</summary>
    public static long? FindArrival(SqliteSession session, EventId id)
    {
        var spool = SqlitePositions.FindSpool(session, id.SpoolId);
        if (spool < 0)
            return null;
        var packed = PackedId.Pack(spool, id.Partition, id.Ordinal);
        var find = session.Prepare("SELECT first_id, first_arrival, count FROM Appends WHERE first_id <= ? ORDER BY first_id DESC LIMIT 1");
        find.Bind(1, packed);
        try
        {
            if (!find.Step())
                return null;
            var index = packed - find.Int64(0);
            return index < find.Int64(2) ? find.Int64(1) + index : null;
        }
        finally
        {
            find.Reset();
        }
    }
}
