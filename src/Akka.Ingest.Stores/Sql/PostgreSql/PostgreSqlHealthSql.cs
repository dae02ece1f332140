namespace Akka.Ingest.Stores.Sql.PostgreSql;

/// <summary>The statement behind the health report.</summary>
internal static class PostgreSqlHealthSql
{
    /// <summary>
    /// Each table and index of the store: name, kind, bytes, events (of days), dead rows, live rows, and the bytes that its rows would need
    /// on full pages, NULL where statistics are missing or there is nothing to compare with. A row takes 4 bytes in the page, 24 of
    /// header and its columns' average width; an entry of a tree 4 + 8 and its keys, in pages filled to 90 %. Small ones are left
    /// out of the comparison: a page is no bloat.
    /// </summary>
    public const string Parts = """
        WITH owned AS (
            SELECT c.oid, c.relname, c.relkind, c.reltuples, c.reltoastrelid, i.indrelid, i.indkey, a.amname
            FROM pg_class c
            LEFT JOIN pg_index i ON i.indexrelid = c.oid
            LEFT JOIN pg_am a ON a.oid = c.relam
            WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass) AND c.relkind IN ('r', 'i')
                AND coalesce((SELECT t.relname FROM pg_class t WHERE t.oid = i.indrelid), c.relname)
                    ~ '^(events_\d{8}|appends|positions|arrivals|days|day_counts|expired|lease|schemaversions)$'
        ), widths AS (
            SELECT o.oid, sum(s.avg_width * (1 - s.null_frac)) AS width
            FROM owned o
            JOIN pg_attribute a ON a.attrelid = coalesce(o.indrelid, o.oid) AND a.attnum > 0 AND (o.indrelid IS NULL OR a.attnum = ANY (o.indkey::smallint[]))
            JOIN pg_class t ON t.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = t.relnamespace
            JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = t.relname AND s.attname = a.attname
            GROUP BY o.oid
        ), sized AS (
            SELECT o.*, w.width, pg_relation_size(o.oid) AS main,
                CASE WHEN o.relkind = 'r' THEN pg_table_size(o.oid) ELSE pg_relation_size(o.oid) END AS bytes
            FROM owned o LEFT JOIN widths w ON w.oid = o.oid
        )
        SELECT
            s.relname::text,
            CASE WHEN s.relkind = 'i' THEN 'index' WHEN s.relname ~ '^events_\d{8}$' THEN 'day' ELSE 'table' END,
            s.bytes,
            d.events,
            coalesce(t.n_dead_tup, 0),
            coalesce(t.n_live_tup, 0),
            CASE
                WHEN s.width IS NULL OR s.reltuples <= 0 OR s.main < 1048576 THEN NULL
                WHEN s.relkind = 'r' THEN s.bytes - s.main + s.reltuples * (s.width + 28)
                WHEN s.amname = 'btree' THEN s.reltuples * (s.width + 12) / 0.9
            END::double precision
        FROM sized s
        LEFT JOIN pg_stat_user_tables t ON t.relid = s.oid
        LEFT JOIN days d ON s.relname = 'events_' || to_char(d.day, 'YYYYMMDD') AND s.relkind = 'r'
        ORDER BY 1
        """;
}
