namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;

/// <summary>From an event's id to its arrival: one search in table Appends, which holds a row for each run of events.</summary>
internal static class SqliteLookup
{
    /// <summary>The arrival; null for an event the store does not know. The event itself may have expired.</summary>
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

    /// <summary>False for an event that expired.</summary>
    public static bool IsThere(SqliteSession session, long arrival)
    {
        var find = session.Prepare("SELECT 1 FROM Events WHERE arrival = ?");
        find.Bind(1, arrival);
        try
        {
            return find.Step();
        }
        finally
        {
            find.Reset();
        }
    }

    /// <summary>Whose row an arrival was given to, told without believing the row; null where the store does not know.</summary>
    public static EventId? FindId(SqliteSession session, long arrival)
    {
        var find = session.Prepare("SELECT first_id + (?1 - first_arrival) FROM Appends WHERE first_arrival <= ?1 AND ?1 < first_arrival + count LIMIT 1");
        find.Bind(1, arrival);
        try
        {
            if (!find.Step())
                return null;
            var packed = find.Int64(0);
            return SqlitePositions.ReadSpools(session).TryGetValue(PackedId.SpoolNumber(packed), out var spoolId) ? PackedId.Unpack(packed, spoolId) : null;
        }
        finally
        {
            find.Reset();
        }
    }
}
