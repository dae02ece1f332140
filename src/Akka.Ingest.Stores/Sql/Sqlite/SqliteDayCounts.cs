namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Text;
using Akka.Ingest.Storage;

/// <summary>
/// Tables DayCounts and ExpiredCounts: what is stored of each UTC day of receipt, by spool and API key, and what retention removed.
/// </summary>
internal static class SqliteDayCounts
{
    /// <summary>The day's number in the tables: days since 0001-01-01.</summary>
    public static long NumberOf(DateOnly day) => day.DayNumber;

    public static long NumberOf(DateTime receivedAt) => receivedAt.Ticks / TimeSpan.TicksPerDay;

    /// <summary>Oldest day first. Each gets the share of the used pages that its records have of all records.</summary>
    public static IReadOnlyList<StoredDay> ReadDays(SqliteSession session)
    {
        var rows = new List<StoredDay>();
        var all = session.Prepare("SELECT day, sum(stored), sum(bytes), min(timestamp_min), max(timestamp_max) FROM DayCounts WHERE stored > 0 GROUP BY day ORDER BY day");
        try
        {
            while (all.Step())
                rows.Add(new StoredDay(DateOnly.FromDayNumber((int)all.Int64(0)), all.Int64(1), all.Int64(2), all.Int64(3), all.Int64(4)));
        }
        finally
        {
            all.Reset();
        }

        var used = SqlitePages.Read(session).UsedBytes;
        var records = Math.Max(1, rows.Sum(day => (double)day.Bytes));
        return [.. rows.Select(day => day with { Bytes = Math.Max(1, (long)(used * (day.Bytes / records))) })];
    }

    public static long ReadEvents(SqliteSession session) => session.ReadInt64("SELECT coalesce(sum(stored), 0) FROM DayCounts");

    public static IReadOnlyList<StoredCounts> ReadCounts(SqliteSession session)
    {
        var spools = SqlitePositions.ReadSpools(session);
        var counts = new List<StoredCounts>();
        var all = session.Prepare(
            """
            SELECT spool, api_key, sum(stored), sum(expired) FROM (
                SELECT spool, api_key, stored, 0 AS expired FROM DayCounts UNION ALL SELECT spool, api_key, 0, expired FROM ExpiredCounts)
            GROUP BY spool, api_key
            """);
        try
        {
            while (all.Step())
            {
                if (spools.TryGetValue((int)all.Int64(0), out var spoolId))
                    counts.Add(new StoredCounts(spoolId, Encoding.UTF8.GetString(all.Bytes(1)), all.Int64(2), all.Int64(3)));
            }

            return counts;
        }
        finally
        {
            all.Reset();
        }
    }
}

/// <summary>Pages of the database file, in bytes.</summary>
internal readonly record struct SqlitePages(long FileBytes, long FreeBytes, long PageBytes)
{
    public long UsedBytes => FileBytes - FreeBytes;

    public static SqlitePages Read(SqliteSession session)
    {
        var page = session.ReadInt64("PRAGMA page_size");
        return new SqlitePages(session.ReadInt64("PRAGMA page_count") * page, session.ReadInt64("PRAGMA freelist_count") * page, page);
    }
}
