namespace Akka.Ingest.Stores.Sql.SqlServer;

using static SqlServerParameter;

/// <summary>The statements that read one thing each.</summary>
internal static class SqlServerReadSql
{
    public static readonly SqlServerStatement Ping = new("ping", "SELECT c.value FROM dbo.Counters AS c WHERE c.name = 'next_arrival'");

    /// <summary>One row: how many partitions of the spool have a position; the position, null for none.</summary>
    public static readonly SqlServerStatement Position = new(
        "read_position",
        """
        SELECT (SELECT COUNT(*) FROM dbo.Positions AS k WHERE k.spool = @spool) AS partitions, p.sequence, p.idx, p.ordinal, p.checksum
        FROM (VALUES (1)) AS one (row) LEFT JOIN dbo.Positions AS p ON p.spool = @spool AND p.partition = @partition
        """,
        Spool("spool"), TinyInt("partition"));

    /// <summary>The whole event, in the columns of <see cref="SqlServerScanSql.Columns"/>.</summary>
    public static readonly SqlServerStatement Find = new(
        "find_event",
        $"""
        SELECT {SqlServerScanSql.Columns}, e.record
        FROM dbo.Events AS e WITH (INDEX (Events_Id))
        WHERE e.spool = @spool AND e.partition = @partition AND e.ordinal = @ordinal
        """,
        Spool("spool"), TinyInt("partition"), BigInt("ordinal"));

    /// <summary>The append an event came with, or the next one of its partition.</summary>
    public static readonly SqlServerStatement FindAppend = new(
        "find_append",
        """
        SELECT TOP (1) a.last_arrival, a.last_ordinal, a.event_count
        FROM dbo.Appends AS a WITH (INDEX (Appends_Id))
        WHERE a.spool = @spool AND a.partition = @partition AND a.last_ordinal >= @ordinal
        ORDER BY a.last_ordinal
        """,
        Spool("spool"), TinyInt("partition"), BigInt("ordinal"));

    public static readonly SqlServerStatement Counts = new(
        "read_counts",
        """
        SELECT c.spool, c.api_key, SUM(c.stored) AS stored, SUM(c.expired) AS expired
        FROM dbo.Counts AS c GROUP BY c.spool, c.api_key, c.api_key_length ORDER BY c.spool, c.api_key, c.api_key_length
        """);

    public static readonly SqlServerStatement Days = new(
        "read_days",
        """
        SELECT d.day, SUM(d.events) AS events, SUM(d.record_bytes) AS record_bytes, MIN(d.event_time_min) AS event_time_min,
            MAX(d.event_time_max) AS event_time_max
        FROM dbo.Days AS d GROUP BY d.day HAVING SUM(d.events) > 0 ORDER BY d.day
        """);

    public static readonly SqlServerStatement Events = new("read_events", "SELECT COALESCE(SUM(d.events), 0) AS events FROM dbo.Days AS d");

    /// <summary>Earliest and latest time in a range; null where there is no event. Two searches in the index.</summary>
    public static readonly SqlServerStatement Edges = new(
        "read_edges",
        """
        SELECT
            (SELECT MIN(e.event_time) FROM dbo.Events AS e WHERE e.event_time >= @from AND e.event_time < @to) AS first_time,
            (SELECT MAX(e.event_time) FROM dbo.Events AS e WHERE e.event_time >= @from AND e.event_time < @to) AS last_time
        """,
        BigInt("from"), BigInt("to"));

    public static IEnumerable<SqlServerStatement> All => [Ping, Position, Find, FindAppend, Counts, Days, Events, Edges];
}
