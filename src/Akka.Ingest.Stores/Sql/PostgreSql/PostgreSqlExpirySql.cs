namespace Akka.Ingest.Stores.Sql.PostgreSql;

/// <summary>The statements that remove a part of a day.</summary>
internal static class PostgreSqlExpirySql
{
    /// <summary>
    /// Removes the oldest <c>@wanted</c> events of <c>@day</c> and moves their counts: the runs that arrived first, the last of them in
    /// part. Returns how many.
    /// </summary>
    public const string DeleteOldest = """
        WITH runs AS (
            SELECT first_arrival, spool, first_id, count, least(count, @wanted - before) AS taken
            FROM (SELECT *, sum(count) OVER (ORDER BY first_arrival) - count AS before
                  FROM (SELECT * FROM appends WHERE day = @day ORDER BY first_arrival LIMIT @wanted) oldest) summed
            WHERE before < @wanted
        ), removed AS (
            DELETE FROM events e USING runs r
            WHERE e.day = @day AND e.spool = r.spool AND e.id >= r.first_id AND e.id < r.first_id + r.taken
            RETURNING e.spool, coalesce(e.api_key, ''::bytea) AS api_key
        ), counted AS (
            SELECT spool, api_key, count(*) AS events FROM removed GROUP BY spool, api_key
        ), kept AS (
            INSERT INTO expired (spool, api_key, events) SELECT spool, api_key, events FROM counted
            ON CONFLICT (spool, api_key) DO UPDATE SET events = expired.events + excluded.events
        ), lessened AS (
            UPDATE day_counts d SET events = d.events - c.events FROM counted c WHERE d.day = @day AND d.spool = c.spool AND d.api_key = c.api_key
        ), ended AS (
            DELETE FROM appends a USING runs r WHERE a.first_arrival = r.first_arrival AND r.taken = r.count
        ), cut AS (
            UPDATE appends a SET first_arrival = a.first_arrival + r.taken, first_id = a.first_id + r.taken, count = a.count - r.taken
            FROM runs r WHERE a.first_arrival = r.first_arrival AND r.taken < r.count
        )
        SELECT coalesce(sum(events), 0)::bigint FROM counted
        """;

    /// <summary>Takes <c>@removed</c> events off the day's row and reads its range of time again.</summary>
    public const string SettleDay = """
        UPDATE days SET
            events = events - @removed,
            removed = removed + @removed,
            timestamp_min = (SELECT min(timestamp) FROM events WHERE day = @day),
            timestamp_max = (SELECT max(timestamp) FROM events WHERE day = @day)
        WHERE day = @day
        """;
}
