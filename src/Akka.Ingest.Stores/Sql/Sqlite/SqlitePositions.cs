namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

/// <summary>Tables Spools and Positions.</summary>
internal static class SqlitePositions
{
    /// <summary>The spool's number, or -1 for a spool never seen.</summary>
    public static int FindSpool(SqliteSession session, Guid spoolId)
    {
        var find = session.Prepare("SELECT number FROM Spools WHERE spool_id = ?");
        find.Bind(1, spoolId.ToString("D"));
        try
        {
            return find.Step() ? (int)find.Int64(0) : -1;
        }
        finally
        {
            find.Reset();
        }
    }

    public static int AddSpool(SqliteSession session, Guid spoolId)
    {
        var number = (int)session.ReadInt64("SELECT coalesce(max(number) + 1, 0) FROM Spools");
        if (number >= PackedId.MaxSpools)
            throw new SqliteException($"The store has met {PackedId.MaxSpools} spools, which is as many as it can hold.", raw.SQLITE_FULL);
        var add = session.Prepare("INSERT INTO Spools (number, spool_id) VALUES (?, ?)");
        add.Bind(1, number);
        add.Bind(2, spoolId.ToString("D"));
        add.Execute();
        return number;
    }

    /// <summary>All spools by number.</summary>
    public static Dictionary<int, Guid> ReadSpools(SqliteSession session)
    {
        var all = session.Prepare("SELECT number, spool_id FROM Spools");
        try
        {
            var spools = new Dictionary<int, Guid>();
            while (all.Step())
                spools[(int)all.Int64(0)] = Guid.Parse(all.Text(1));
            return spools;
        }
        finally
        {
            all.Reset();
        }
    }

    /// <summary>The position of a partition of a known spool; the start where nothing was written yet.</summary>
    public static StoredPosition Read(SqliteSession session, int spoolNumber, int partition)
    {
        var read = session.Prepare("SELECT sequence, idx, ordinal, checksum FROM Positions WHERE spool = ? AND partition = ?");
        read.Bind(1, spoolNumber);
        read.Bind(2, partition);
        try
        {
            return read.Step()
                ? new StoredPosition(new SpoolOffset(read.Int64(0), (int)read.Int64(1)), read.Int64(2), unchecked((ulong)read.Int64(3)))
                : StoredPosition.Start;
        }
        finally
        {
            read.Reset();
        }
    }
}
