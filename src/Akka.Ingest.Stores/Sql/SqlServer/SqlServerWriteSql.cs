namespace Akka.Ingest.Stores.Sql.SqlServer;

using static SqlServerParameter;

/// <summary>The statements that change something, apart from the bulk copy of the events.</summary>
internal static class SqlServerWriteSql
{
    /// <summary>First on every connection of the writer: an error ends the whole transaction, whatever it is.</summary>
    public static readonly SqlServerStatement BeginSession = new("begin_session", "SET NOCOUNT, XACT_ABORT ON");

    /// <summary>
    /// Moves a position from the expected place to the next, and keeps other writers of the partition away until the end of the
    /// transaction. A missing row is locked too, as a range, so that two first writers cannot both find nothing.
    /// </summary>
    /// <remarks>Gives one row: 1 where it moved; how many partitions of the spool have a position; the position found, null for none.</remarks>
    public static readonly SqlServerStatement MovePosition = new(
        "move_position",
        """
        DECLARE @moved int;
        UPDATE p SET p.sequence = @next_sequence, p.idx = @next_idx, p.ordinal = @next_ordinal, p.checksum = @next_checksum
        FROM dbo.Positions AS p WITH (UPDLOCK, HOLDLOCK)
        WHERE p.spool = @spool AND p.partition = @partition
            AND p.sequence = @sequence AND p.idx = @idx AND p.ordinal = @ordinal AND p.checksum = @checksum;
        SET @moved = @@ROWCOUNT;
        IF @moved = 0 AND @is_start = 1
        BEGIN
            INSERT INTO dbo.Positions (spool, partition, sequence, idx, ordinal, checksum)
            SELECT @spool, @partition, @next_sequence, @next_idx, @next_ordinal, @next_checksum
            WHERE NOT EXISTS (SELECT 1 FROM dbo.Positions AS p WITH (UPDLOCK, HOLDLOCK) WHERE p.spool = @spool AND p.partition = @partition);
            SET @moved = @@ROWCOUNT;
        END;
        SELECT @moved AS moved, (SELECT COUNT(*) FROM dbo.Positions AS k WHERE k.spool = @spool) AS partitions,
            p.sequence, p.idx, p.ordinal, p.checksum
        FROM (VALUES (1)) AS one (row) LEFT JOIN dbo.Positions AS p ON p.spool = @spool AND p.partition = @partition;
        """,
        Spool("spool"), TinyInt("partition"),
        BigInt("sequence"), Int("idx"), BigInt("ordinal"), BigInt("checksum"), Int("is_start"),
        BigInt("next_sequence"), Int("next_idx"), BigInt("next_ordinal"), BigInt("next_checksum"));

    /// <summary>
    /// The last statement of an append: counts, days, then the arrival numbers. The counter's row stays locked until the commit that
    /// follows at once, which makes the order of arrivals the order of commits.
    /// </summary>
    public static readonly SqlServerStatement Settle = new(
        "settle",
        """
        UPDATE c SET c.stored = c.stored + n.events
        FROM dbo.Counts AS c INNER JOIN @counts AS n
            ON n.spool = c.spool AND n.partition = c.partition AND n.api_key = c.api_key AND n.api_key_length = c.api_key_length;
        INSERT INTO dbo.Counts (spool, partition, api_key, api_key_length, stored, expired)
        SELECT n.spool, n.partition, n.api_key, n.api_key_length, n.events, 0 FROM @counts AS n
        WHERE NOT EXISTS (SELECT 1 FROM dbo.Counts AS c
            WHERE c.spool = n.spool AND c.partition = n.partition AND c.api_key = n.api_key AND c.api_key_length = n.api_key_length);
        UPDATE d SET d.events = d.events + n.events, d.record_bytes = d.record_bytes + n.record_bytes,
            d.event_time_min = CASE WHEN n.event_time_min < d.event_time_min THEN n.event_time_min ELSE d.event_time_min END,
            d.event_time_max = CASE WHEN n.event_time_max > d.event_time_max THEN n.event_time_max ELSE d.event_time_max END
        FROM dbo.Days AS d INNER JOIN @days AS n ON n.day = d.day AND n.spool = d.spool AND n.partition = d.partition;
        INSERT INTO dbo.Days (day, spool, partition, events, record_bytes, event_time_min, event_time_max)
        SELECT n.day, n.spool, n.partition, n.events, n.record_bytes, n.event_time_min, n.event_time_max FROM @days AS n
        WHERE NOT EXISTS (SELECT 1 FROM dbo.Days AS d WHERE d.day = n.day AND d.spool = n.spool AND d.partition = n.partition);
        DECLARE @first bigint;
        UPDATE dbo.Counters SET @first = value, value = value + @events WHERE name = 'next_arrival';
        IF @first IS NULL
            THROW 50010, 'The store has lost its arrival counter: row next_arrival of dbo.Counters is missing.', 1;
        INSERT INTO dbo.Appends (last_arrival, spool, partition, last_ordinal, event_count, day)
        SELECT @first + a.arrival_offset, a.spool, a.partition, a.last_ordinal, a.event_count, a.day FROM @appends AS a;
        """,
        Table("counts", SqlServerSchema.CountRows), Table("days", SqlServerSchema.DayRows), Table("appends", SqlServerSchema.AppendRows), BigInt("events"));

    /// <summary>
    /// Removes the oldest events of a day, at most <c>@rows</c>, with their counts. Gives one row: events removed, bytes of their
    /// records, and how many appends the day still has, at most 1. Counts go before days, as in <see cref="Settle"/>, and where it
    /// meets a writer all the same, it is the one that gives way.
    /// </summary>
    public static readonly SqlServerStatement Expire = new(
        "expire",
        """
        SET DEADLOCK_PRIORITY LOW;
        DECLARE @step TABLE (last_arrival bigint NOT NULL PRIMARY KEY, spool binary(16) NOT NULL, partition tinyint NOT NULL,
            first_ordinal bigint NOT NULL, removed int NOT NULL, remaining int NOT NULL);
        DECLARE @gone TABLE (spool binary(16) NOT NULL, partition tinyint NOT NULL, api_key varbinary(512) NOT NULL, record_bytes bigint NOT NULL);
        INSERT INTO @step (last_arrival, spool, partition, first_ordinal, removed, remaining)
        SELECT w.last_arrival, w.spool, w.partition, w.last_ordinal - w.event_count + 1,
            CASE WHEN w.through > @rows THEN w.event_count - (w.through - @rows) ELSE w.event_count END,
            CASE WHEN w.through > @rows THEN w.through - @rows ELSE 0 END
        FROM (
            SELECT o.last_arrival, o.spool, o.partition, o.last_ordinal, o.event_count,
                SUM(CAST(o.event_count AS bigint)) OVER (ORDER BY o.last_arrival ROWS UNBOUNDED PRECEDING) AS through
            FROM (
                SELECT TOP (@rows) a.last_arrival, a.spool, a.partition, a.last_ordinal, a.event_count
                FROM dbo.Appends AS a WITH (UPDLOCK, ROWLOCK, INDEX (Appends_Day))
                WHERE a.day = @day ORDER BY a.last_arrival
            ) AS o
        ) AS w
        WHERE w.through - w.event_count < @rows;
        DELETE e OUTPUT deleted.spool, deleted.partition, deleted.api_key, DATALENGTH(deleted.record) INTO @gone (spool, partition, api_key, record_bytes)
        FROM @step AS s INNER LOOP JOIN dbo.Events AS e WITH (ROWLOCK, INDEX (Events_Id))
            ON e.spool = s.spool AND e.partition = s.partition AND e.ordinal >= s.first_ordinal AND e.ordinal < s.first_ordinal + s.removed;
        UPDATE c SET c.stored = c.stored - g.events, c.expired = c.expired + g.events
        FROM dbo.Counts AS c INNER JOIN (
            SELECT k.spool, k.partition, k.api_key, DATALENGTH(k.api_key) AS api_key_length, COUNT_BIG(*) AS events
            FROM @gone AS k GROUP BY k.spool, k.partition, k.api_key, DATALENGTH(k.api_key)
        ) AS g ON g.spool = c.spool AND g.partition = c.partition AND g.api_key = c.api_key AND g.api_key_length = c.api_key_length;
        UPDATE d SET d.events = d.events - g.events, d.record_bytes = d.record_bytes - g.record_bytes
        FROM dbo.Days AS d INNER JOIN (
            SELECT s.spool, s.partition, SUM(CAST(s.removed AS bigint)) AS events,
                COALESCE((SELECT SUM(k.record_bytes) FROM @gone AS k WHERE k.spool = s.spool AND k.partition = s.partition), 0) AS record_bytes
            FROM @step AS s GROUP BY s.spool, s.partition
        ) AS g ON g.spool = d.spool AND g.partition = d.partition
        WHERE d.day = @day;
        DELETE FROM dbo.Days WHERE day = @day AND events <= 0;
        DELETE a FROM dbo.Appends AS a INNER JOIN @step AS s ON s.last_arrival = a.last_arrival WHERE s.remaining = 0;
        UPDATE a SET a.event_count = s.remaining FROM dbo.Appends AS a INNER JOIN @step AS s ON s.last_arrival = a.last_arrival WHERE s.remaining > 0;
        SELECT COUNT_BIG(*) AS events, COALESCE(SUM(k.record_bytes), 0) AS record_bytes,
            (SELECT COUNT(*) FROM (SELECT TOP (1) a.last_arrival FROM dbo.Appends AS a WHERE a.day = @day) AS o) AS appends_left
        FROM @gone AS k;
        """,
        Date("day"), BigInt("rows"));

    public static IEnumerable<SqlServerStatement> All => [BeginSession, MovePosition, Settle, Expire];
}
