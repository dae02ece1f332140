namespace Akka.Ingest.Stores.Sql.Sqlite;

/// <summary>A step of the schema, forward only.</summary>
/// <param name="Version">Schema version after it; 1, 2, 3 … without a gap.</param>
internal sealed record SqliteMigration(int Version, string Description, string Sql);

/// <summary>
/// The tables of the store. A step that was released is never changed: a change is a new step.
/// </summary>
/// <remarks>
/// Events are kept in the order of their arrival (the key is a running number given inside the one writer's transaction), so writing
/// appends at one end of the table whatever the number of partitions, a follower's place is one number, and old events leave at the
/// other end. Indexes: by time with the level inside, so that counts and histograms never touch the table; the same for the few
/// events of level Warning and above; and by trace within blocks of 65,536 arrivals, because random trace ids in one large tree
/// would dirty a page for every event. DayCounts holds what is stored of each UTC day of receipt (days since 0001-01-01) by spool and
/// API key, with the bytes of the records and the arrivals between which the day's events lie; ExpiredCounts what retention removed.
/// Both move in the transaction of the events.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>Arrivals are grouped in blocks of 2^16 for the trace index.</summary>
    public const int TraceBlockBits = 16;

    public static readonly IReadOnlyList<SqliteMigration> Migrations =
    [
        new(1, "events, positions and their indexes", """
            CREATE TABLE Spools (
                number    INTEGER PRIMARY KEY,
                spool_id  TEXT    NOT NULL UNIQUE,
                tenant    INTEGER NOT NULL DEFAULT 0
            );
            CREATE TABLE Positions (
                spool      INTEGER NOT NULL REFERENCES Spools (number),
                partition  INTEGER NOT NULL,
                sequence   INTEGER NOT NULL,
                idx        INTEGER NOT NULL,
                ordinal    INTEGER NOT NULL,
                checksum   INTEGER NOT NULL,
                PRIMARY KEY (spool, partition)
            ) WITHOUT ROWID;
            CREATE TABLE Appends (
                first_id       INTEGER PRIMARY KEY,
                first_arrival  INTEGER NOT NULL,
                count          INTEGER NOT NULL,
                received_min   INTEGER NOT NULL,
                received_max   INTEGER NOT NULL,
                timestamp_min  INTEGER NOT NULL,
                timestamp_max  INTEGER NOT NULL
            );
            CREATE TABLE Counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO Counters (name, value) VALUES ('next_arrival', 1);
            CREATE TABLE Events (
                arrival           INTEGER PRIMARY KEY,
                id                INTEGER NOT NULL,
                tenant            INTEGER NOT NULL DEFAULT 0,
                timestamp         INTEGER NOT NULL,
                fraction_digits   INTEGER NOT NULL,
                level             INTEGER NOT NULL,
                received          INTEGER NOT NULL,
                checksum          INTEGER NOT NULL,
                api_key           TEXT,
                message           TEXT,
                message_template  TEXT,
                exception         TEXT,
                trace_id          TEXT,
                span_id           TEXT,
                source            TEXT,
                host              TEXT,
                environment       TEXT,
                category          TEXT,
                body              TEXT,
                headers           TEXT,
                properties        TEXT
            );
            CREATE INDEX Events_Time ON Events (timestamp, id, level);
            CREATE INDEX Events_Severe ON Events (timestamp, id, level) WHERE level >= 3;
            CREATE INDEX Events_Trace ON Events (arrival >> 16, substr(trace_id, 1, 8)) WHERE trace_id IS NOT NULL;
            CREATE VIEW EventsReadable AS SELECT
                arrival,
                s.spool_id,
                (e.id >> 48) & 63 AS partition,
                e.id & 281474976710655 AS ordinal,
                strftime('%Y-%m-%dT%H:%M:%S', (timestamp - 621355968000000000) / 10000000, 'unixepoch')
                    || CASE fraction_digits WHEN 0 THEN '' ELSE '.' || substr(printf('%07d', timestamp % 10000000), 1, fraction_digits) END
                    || 'Z' AS timestamp,
                CASE level WHEN 0 THEN 'Trace' WHEN 1 THEN 'Debug' WHEN 2 THEN 'Information' WHEN 3 THEN 'Warning' WHEN 4 THEN 'Error'
                    ELSE 'Critical' END AS level,
                message, message_template, exception, trace_id, span_id, source, host, environment, category, body, headers, properties,
                strftime('%Y-%m-%dT%H:%M:%S', (received - 621355968000000000) / 10000000, 'unixepoch')
                    || '.' || printf('%07d', received % 10000000) || 'Z' AS received_at,
                api_key
            FROM Events e JOIN Spools s ON s.number = e.id >> 54;
            """),
        new(2, "counts by day, spool and API key, of what is stored and of what expired", """
            CREATE TABLE DayCounts (
                day            INTEGER NOT NULL,
                spool          INTEGER NOT NULL REFERENCES Spools (number),
                api_key        TEXT    NOT NULL,
                stored         INTEGER NOT NULL,
                bytes          INTEGER NOT NULL,
                timestamp_min  INTEGER NOT NULL,
                timestamp_max  INTEGER NOT NULL,
                arrival_min    INTEGER NOT NULL,
                arrival_max    INTEGER NOT NULL,
                PRIMARY KEY (day, spool, api_key)
            ) WITHOUT ROWID;
            CREATE TABLE ExpiredCounts (
                spool    INTEGER NOT NULL REFERENCES Spools (number),
                api_key  TEXT    NOT NULL,
                expired  INTEGER NOT NULL,
                PRIMARY KEY (spool, api_key)
            ) WITHOUT ROWID;
            INSERT INTO DayCounts
            SELECT received / 864000000000, id >> 54, coalesce(api_key, ''), count(*),
                sum(24 + coalesce(octet_length(message), 0) + coalesce(octet_length(message_template), 0)
                    + coalesce(octet_length(exception), 0) + coalesce(octet_length(trace_id), 0) + coalesce(octet_length(span_id), 0)
                    + coalesce(octet_length(source), 0) + coalesce(octet_length(host), 0) + coalesce(octet_length(environment), 0)
                    + coalesce(octet_length(category), 0) + coalesce(octet_length(body), 0) + coalesce(octet_length(headers), 0)
                    + coalesce(octet_length(properties), 0)),
                min(timestamp), max(timestamp), min(arrival), max(arrival)
            FROM Events GROUP BY 1, 2, 3;
            """),
    ];

    /// <summary>Columns of the record's fields, in the order of <see cref="Akka.Ingest.Model.EventField"/>.</summary>
    public static readonly string[] FieldColumns =
    [
        "message", "message_template", "exception", "trace_id", "span_id", "source", "host", "environment", "category", "body", "headers",
        "properties",
    ];
}
