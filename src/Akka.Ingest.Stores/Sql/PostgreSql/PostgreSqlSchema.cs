namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Globalization;

/// <summary>
/// The tables of the store. A step that was released is never changed: a change is a new step.
/// </summary>
/// <remarks>
/// <para>Fields are bytea, never text: text takes no NUL, and a wrong collation or encoding could change what a comparison means. jsonb is
/// an index beside the original (it re-formats numbers and drops duplicates); rows whose properties jsonb cannot take are marked
/// <c>opaque</c> and found through an index of their own.</para>
/// <para>Events lie in partitions by the UTC day of their receipt, so retention drops tables. <c>days</c> says which timestamps a day
/// holds, so a query opens only the days it needs. Within a partition rows lie about in order of arrival, which makes block-range
/// indexes on time and trace nearly free to write; random trace ids in one large tree would dirty a page for each event.</para>
/// <para>Arrival numbers: the one row of <c>arrivals</c> is locked from the end of a write until its commit, so commits follow each other
/// in the order of the numbers and a reader that sees one append sees all before it. Events are reached from a row of <c>appends</c>,
/// a run of ids without a gap.</para>
/// <para>Times are ticks of 100 ns since 0001-01-01 UTC; <c>id</c> is described at <see cref="SqlEventId"/>; a checksum is an unsigned
/// 64-bit number in a signed column.</para>
/// </remarks>
internal static class PostgreSqlSchema
{
    /// <summary>bytea_bloom_ops and attaching partitions beside writers came with it.</summary>
    public const int LowestServerVersion = 140_000;

    public static readonly IReadOnlyList<SqlMigration> Migrations =
    [
        new(1, "events by day, positions, arrivals and their indexes", """
            CREATE TABLE positions (
                spool      uuid     NOT NULL,
                partition  smallint NOT NULL,
                sequence   bigint   NOT NULL,
                idx        integer  NOT NULL,
                ordinal    bigint   NOT NULL,
                checksum   bigint   NOT NULL,
                PRIMARY KEY (spool, partition)
            ) WITH (fillfactor = 50);
            CREATE TABLE arrivals (
                singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
                next       bigint  NOT NULL
            ) WITH (fillfactor = 10);
            INSERT INTO arrivals (next) VALUES (1);
            CREATE TABLE appends (
                first_arrival  bigint  PRIMARY KEY,
                count          integer NOT NULL,
                day            date    NOT NULL,
                spool          uuid    NOT NULL,
                first_id       bigint  NOT NULL
            );
            CREATE UNIQUE INDEX appends_id ON appends (spool, first_id);
            CREATE INDEX appends_day ON appends (day, first_arrival);
            CREATE TABLE days (
                day            date    PRIMARY KEY,
                events         bigint  NOT NULL DEFAULT 0,
                timestamp_min  bigint,
                timestamp_max  bigint,
                has_text       boolean NOT NULL
            ) WITH (fillfactor = 50);
            CREATE TABLE day_counts (
                day      date   NOT NULL,
                spool    uuid   NOT NULL,
                api_key  bytea  NOT NULL,
                events   bigint NOT NULL,
                PRIMARY KEY (day, spool, api_key)
            ) WITH (fillfactor = 50);
            CREATE TABLE expired (
                spool    uuid   NOT NULL,
                api_key  bytea  NOT NULL,
                events   bigint NOT NULL,
                PRIMARY KEY (spool, api_key)
            );
            CREATE TABLE lease (
                singleton   boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
                host        text        NOT NULL,
                process     integer     NOT NULL,
                started_at  timestamptz NOT NULL
            );
            CREATE TABLE events (
                timestamp         bigint   NOT NULL,
                received          bigint   NOT NULL,
                id                bigint   NOT NULL,
                checksum          bigint   NOT NULL,
                spool             uuid     NOT NULL,
                day               date     NOT NULL,
                level             smallint NOT NULL,
                fraction_digits   smallint NOT NULL,
                opaque            boolean  NOT NULL,
                api_key           bytea,
                message           bytea,
                message_template  bytea,
                exception         bytea,
                trace_id          bytea,
                span_id           bytea,
                source            bytea,
                host              bytea,
                environment       bytea,
                category          bytea,
                body              bytea,
                headers           bytea,
                properties        bytea,
                property_index    jsonb,
                text_index        text
            ) PARTITION BY RANGE (day);
            CREATE INDEX events_time ON events (timestamp, spool, id) INCLUDE (level, day);
            CREATE INDEX events_severe ON events (timestamp, spool, id) INCLUDE (level, day) WHERE level >= 3;
            CREATE INDEX events_id ON events (spool, id);
            CREATE INDEX events_blocks ON events USING brin (timestamp) WITH (autosummarize = on);
            CREATE INDEX events_trace ON events USING brin (trace_id bytea_bloom_ops) WITH (pages_per_range = 64, autosummarize = on);
            CREATE INDEX events_properties ON events USING gin (property_index jsonb_path_ops);
            CREATE INDEX events_opaque ON events (timestamp) WHERE opaque;
            CREATE FUNCTION event_text(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT CASE WHEN position('\x00'::bytea IN $1) > 0 THEN encode($1, 'escape') ELSE convert_from($1, 'UTF8') END
            $$;
            CREATE VIEW events_readable AS SELECT
                spool,
                id >> 48 AS partition,
                id & 281474976710655 AS ordinal,
                timestamp '0001-01-01' + make_interval(secs => timestamp / 10000000) + make_interval(secs => (timestamp % 10000000) / 1e7) AS timestamp,
                (ARRAY['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'])[level + 1] AS level,
                event_text(message) AS message,
                event_text(message_template) AS message_template,
                event_text(exception) AS exception,
                event_text(trace_id) AS trace_id,
                event_text(span_id) AS span_id,
                event_text(source) AS source,
                event_text(host) AS host,
                event_text(environment) AS environment,
                event_text(category) AS category,
                event_text(body) AS body,
                event_text(headers) AS headers,
                property_index AS properties,
                timestamp '0001-01-01' + make_interval(secs => received / 10000000) + make_interval(secs => (received % 10000000) / 1e7) AS received_at,
                event_text(api_key) AS api_key
            FROM events;
            """),

        // A table does not shrink when rows are deleted from it: what a day takes is told by the share of its events that is left.
        new(2, "how many events were removed from a day", "ALTER TABLE days ADD COLUMN removed bigint NOT NULL DEFAULT 0"),
    ];

    /// <summary>The extension and index of <c>Storage:PostgreSql:TextIndex</c>; made for the day when it is made.</summary>
    public const string TextExtension = "CREATE EXTENSION IF NOT EXISTS pg_trgm";

    public static readonly SqlVersionTable Versions = new(
        "postgresql",
        "SELECT count(to_regclass('schemaversions'))",
        $"SELECT pg_advisory_xact_lock({PostgreSqlLocks.Space}, {PostgreSqlLocks.Migration})",
        "CREATE TABLE IF NOT EXISTS SchemaVersions (version integer PRIMARY KEY, description text NOT NULL, applied timestamptz NOT NULL)",
        "INSERT INTO SchemaVersions (version, description, applied) VALUES (@version, @description, @applied)");

    /// <summary>Name of a day's partition.</summary>
    public static string PartitionOf(DateOnly day) => "events_" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}

/// <summary>Numbers of advisory locks, unique in the database.</summary>
internal static class PostgreSqlLocks
{
    /// <summary>"ings": keeps them apart from the locks of other programs.</summary>
    public const int Space = 0x696E_6773;
    public const int Migration = 1;
    public const int Partitions = 2;
    public const int Expiry = 3;
    public const int SingleWriter = 4;

    /// <summary>Shared by appends to the day, alone for who drops it.</summary>
    public static int OfDay(DateOnly day) => 1_000 + day.DayNumber;
}
