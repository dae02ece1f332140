namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Query;
using static SqlServerParameter;

/// <summary>
/// The statements that walk an index, composed of fixed parts; values are parameters. Every row of the walk comes back, so that the
/// caller counts what was looked at and can go on anywhere, but the record only of those that the prefilter lets through.
/// </summary>
internal static class SqlServerScanSql
{
    /// <summary>Columns that every scan begins with, from alias <c>e</c>; the record follows, null where it cannot match.</summary>
    public const string Columns = "e.event_time, e.spool, e.partition, e.ordinal, e.level, e.received, e.checksum, e.api_key";

    public const int RecordColumn = 8;
    public const int ArrivalColumn = 9;

    private const string Hint = "OPTION (MAXDOP 1)";

    /// <summary>A chunk of a walk in time order from an edge of the range.</summary>
    public static SqlServerStatement FromEdge(LogOrder order, string index, SqlServerPrefilter filter) => new(
        $"scan_{NameOf(order)}_{index}_edge_{filter.Shape}",
        Chunk("(@rows)", order, index, filter, "e.event_time >= @from AND e.event_time < @to") + ";",
        [BigInt("rows"), BigInt("from"), BigInt("to"), .. filter.Parameters]);

    /// <summary>
    /// A chunk of a walk in time order that goes on after a place. SQL Server compares no rows of values, so the walk is four searches:
    /// the rest of the partition, of the spool, of the time, then what comes after it. Four result sets, in order.
    /// </summary>
    public static SqlServerStatement FromPlace(LogOrder order, string index, SqlServerPrefilter filter)
    {
        var after = order == LogOrder.Ascending ? ">" : "<";
        var rest = order == LogOrder.Ascending ? "e.event_time > @time AND e.event_time < @to" : "e.event_time < @time AND e.event_time >= @from";
        string[] searches =
        [
            $"e.event_time = @time AND e.spool = @spool AND e.partition = @partition AND e.ordinal {after} @ordinal",
            $"e.event_time = @time AND e.spool = @spool AND e.partition {after} @partition",
            $"e.event_time = @time AND e.spool {after} @spool",
            rest,
        ];
        var text = "DECLARE @left bigint = @rows;\n"
            + string.Join("\nSET @left = @left - @@ROWCOUNT;\n", searches.Select(search => Chunk("(@left)", order, index, filter, search) + ";"));
        return new SqlServerStatement(
            $"scan_{NameOf(order)}_{index}_place_{filter.Shape}",
            text,
            [BigInt("rows"), BigInt(order == LogOrder.Ascending ? "to" : "from"), BigInt("time"), Spool("spool"), TinyInt("partition"), BigInt("ordinal"), .. filter.Parameters]);
    }

    /// <summary>
    /// A chunk in order of arrival: first how far it goes (null at the end), then the rows. The appends are chosen first, so that no
    /// more rows are joined than a chunk has, whatever plan the engine takes.
    /// </summary>
    public static SqlServerStatement Received(bool byTime, SqlServerPrefilter filter)
    {
        var time = byTime ? ["e.event_time >= @from AND e.event_time < @to"] : Array.Empty<string>();
        return new SqlServerStatement(
            $"scan_received_{(byTime ? "t" : "")}{filter.Shape}",
            $"""
            DECLARE @through bigint;
            SELECT @through = MAX(w.last_arrival)
            FROM (
                SELECT o.last_arrival, SUM(CAST(o.event_count AS bigint)) OVER (ORDER BY o.last_arrival ROWS UNBOUNDED PRECEDING) - o.event_count AS before
                FROM (SELECT TOP (@rows) a.last_arrival, a.event_count FROM dbo.Appends AS a WHERE a.last_arrival > @after ORDER BY a.last_arrival) AS o
            ) AS w
            WHERE w.before < @rows;
            SELECT @through AS through;
            SELECT TOP (@rows) {Columns}, {RecordIf([.. time, .. filter.Conditions])}, a.last_arrival - (a.last_ordinal - e.ordinal) AS arrival
            FROM dbo.Appends AS a INNER LOOP JOIN dbo.Events AS e WITH (INDEX (Events_Id))
                ON e.spool = a.spool AND e.partition = a.partition AND e.ordinal > a.last_ordinal - a.event_count AND e.ordinal <= a.last_ordinal
            WHERE a.last_arrival > @after AND a.last_arrival <= @through AND a.last_arrival - (a.last_ordinal - e.ordinal) > @after
            ORDER BY a.last_arrival, e.ordinal
            {Hint};
            """,
            [BigInt("rows"), BigInt("after"), .. byTime ? new[] { BigInt("from"), BigInt("to") } : [], .. filter.Parameters]);
    }

    /// <summary>How many events one trace has, at most <c>@rows</c>.</summary>
    public static readonly SqlServerStatement TraceSize = new(
        "trace_size",
        """
        SELECT COUNT(*) AS events FROM (
            SELECT TOP (@rows) e.ordinal
            FROM (SELECT DISTINCT d.day FROM dbo.Days AS d) AS k INNER LOOP JOIN dbo.Events AS e WITH (INDEX (Events_Trace))
                ON e.day = k.day AND e.trace_hash = @trace
            WHERE e.trace_hash IS NOT NULL
        ) AS found
        """,
        BigInt("rows"), BigInt("trace"));

    /// <summary>All events of one trace in a time range, found day by day. They are few, so a place is asked of each of them.</summary>
    public static SqlServerStatement Trace(LogOrder order, bool fromPlace)
    {
        var after = order == LogOrder.Ascending ? ">" : "<";
        var place = fromPlace
            ? $"""

                AND (e.event_time {after} @time OR (e.event_time = @time AND (e.spool {after} @spool OR (e.spool = @spool
                    AND (e.partition {after} @partition OR (e.partition = @partition AND e.ordinal {after} @ordinal))))))
            """
            : "";
        return new SqlServerStatement(
            $"trace_{NameOf(order)}{(fromPlace ? "_place" : "")}",
            $"""
            SELECT {Columns}, e.record
            FROM (SELECT DISTINCT d.day FROM dbo.Days AS d WHERE d.event_time_max >= @from AND d.event_time_min < @to) AS k
                INNER LOOP JOIN dbo.Events AS e WITH (INDEX (Events_Trace)) ON e.day = k.day AND e.trace_hash = @trace
            WHERE e.trace_hash IS NOT NULL AND e.event_time >= @from AND e.event_time < @to{place}
            ORDER BY {OrderOf(order)}
            {Hint}
            """,
            [BigInt("trace"), BigInt("from"), BigInt("to"), .. fromPlace ? Place() : []]);
    }

    private static SqlServerParameter[] Place() => [BigInt("time"), Spool("spool"), TinyInt("partition"), BigInt("ordinal")];

    private static string Chunk(string rows, LogOrder order, string index, SqlServerPrefilter filter, string range)
    {
        var severe = index == SqlServerIndexStrategy.Severe ? " AND e.level >= 3" : "";
        return $"""
            SELECT TOP {rows} {Columns}, {RecordIf([.. filter.Conditions])}
            FROM dbo.Events AS e WITH (INDEX ({index}))
            WHERE {range}{severe}
            ORDER BY {OrderOf(order)}
            {Hint}
            """;
    }

    private static string RecordIf(IReadOnlyList<string> conditions) =>
        conditions.Count == 0 ? "e.record" : $"CASE WHEN {string.Join(" AND ", conditions)} THEN e.record END AS record";

    private static string OrderOf(LogOrder order) => order == LogOrder.Ascending
        ? "e.event_time, e.spool, e.partition, e.ordinal"
        : "e.event_time DESC, e.spool DESC, e.partition DESC, e.ordinal DESC";

    private static string NameOf(LogOrder order) => order == LogOrder.Ascending ? "asc" : "desc";
}
