namespace Akka.Ingest.Stores.Sql.SqlServer;

/// <summary>What an operator reads with a query tool.</summary>
internal static class SqlServerViews
{
    private const string DayTicks = "CAST(864000000000 AS bigint)";

    private const string Level =
        "CASE e.level WHEN 0 THEN 'Trace' WHEN 1 THEN 'Debug' WHEN 2 THEN 'Information' WHEN 3 THEN 'Warning' WHEN 4 THEN 'Error' ELSE 'Critical' END";

    // The first field of the record, where bit 0 of its bitmap is set: a length in groups of 7 bits, lowest first, then the bytes.
    private const string Message = """
        CASE WHEN CAST(CAST(SUBSTRING(e.record, 15, 1) AS binary(1)) AS tinyint) & 1 = 1 THEN CAST(CASE
                WHEN l.b0 < 128 THEN SUBSTRING(e.record, 18, l.b0)
                WHEN l.b1 < 128 THEN SUBSTRING(e.record, 19, (l.b0 & 127) + l.b1 * 128)
                ELSE SUBSTRING(e.record, 20, (l.b0 & 127) + (l.b1 & 127) * 128 + l.b2 * 16384) END AS varchar(max)) END
        """;

    /// <summary>Text columns are right for ASCII, and for all of UTF-8 where the database has a UTF-8 collation.</summary>
    public static readonly string EventsReadable = $"""
        CREATE VIEW dbo.EventsReadable AS
        SELECT
            {TimeOf("event_time")} AS timestamp,
            {Level} AS level,
            {Message} AS message,
            CAST(e.source AS varchar(128)) AS source,
            CAST(e.category AS varchar(128)) AS category,
            {TimeOf("received")} AS received_at,
            CAST(e.api_key AS varchar(512)) AS api_key,
            CONVERT(char(32), e.spool, 2) AS spool_id,
            e.partition,
            e.ordinal,
            DATALENGTH(e.record) AS record_bytes
        FROM dbo.Events AS e
        CROSS APPLY (VALUES (
            CAST(CAST(SUBSTRING(e.record, 17, 1) AS binary(1)) AS int),
            CAST(CAST(SUBSTRING(e.record, 18, 1) AS binary(1)) AS int),
            CAST(CAST(SUBSTRING(e.record, 19, 1) AS binary(1)) AS int))) AS l (b0, b1, b2)
        """;

    // Ticks of 100 ns since 0001-01-01. DATEADD takes numbers of 32 bits, and a literal as long as a day's ticks would be a decimal.
    private static string TimeOf(string column) =>
        $"DATEADD(nanosecond, CAST(e.{column} % 10000000 AS int) * 100, DATEADD(second, CAST(e.{column} % {DayTicks} / 10000000 AS int), " +
        $"DATEADD(day, CAST(e.{column} / {DayTicks} AS int), CAST('0001-01-01' AS datetime2(7)))))";
}
