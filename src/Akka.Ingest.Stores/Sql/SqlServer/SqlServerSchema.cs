namespace Akka.Ingest.Stores.Sql.SqlServer;

/// <summary>
/// The tables of the store. A step that was released is never changed: a change is a new step.
/// </summary>
/// <remarks>
/// <para>Events are clustered by time and id, so a page in time order is one walk. The id is spool (the GUID's bytes, big-endian),
/// partition and ordinal, which compares as the text of the id does; <c>uniqueidentifier</c> would compare in an order of its own.
/// <c>record</c> is the event; the other columns are copies for the indexes, and <c>checksum</c> covers the record, the id,
/// <c>received</c> and <c>api_key</c>.</para>
/// <para>Arrival numbers are given to whole appends by one counter row that is taken last before the commit and held until it is done:
/// the order of arrivals is the order of commits, and a follower misses nothing however many nodes write.</para>
/// <para>Days are removed in small batches in the order of <c>Appends</c>. Partitions by day were left out: every index would need the
/// day in its key, a page in time order would merge as many partitions as there are days, and switching them out takes a schema lock
/// that waits for every query.</para>
/// <para>Text is kept as UTF-8 in <c>varbinary</c>. Comparisons of it ask for the length too: the engine takes 0x61 and 0x6100, and
/// 'a' and 'a ' in text, for equal.</para>
/// </remarks>
internal static class SqlServerSchema
{
    /// <summary>Longest id of an API key, in bytes of UTF-8.</summary>
    public const int MaxApiKeyBytes = 512;

    /// <summary>Columns source and category hold as much of the field; a longer text is looked for by its beginning.</summary>
    public const int MaxPrefixBytes = 128;

    public const string AppendRows = "dbo.AppendRows";
    public const string CountRows = "dbo.CountRows";
    public const string DayRows = "dbo.DayRows";

    /// <summary>A view is made in a step of its own: it must stand alone in what is sent.</summary>
    public static readonly IReadOnlyList<SqlMigration> Migrations =
    [
        new(1, "events, positions, counts and their indexes", Tables),
        new(2, "events readable with a query tool", SqlServerViews.EventsReadable),
    ];

    public static readonly SqlVersionTable Versions = new(
        "sqlserver",
        SqlServerAdminSql.HasVersions.Text, SqlServerAdminSql.LockSchema.Text, SqlServerAdminSql.CreateVersions.Text, SqlServerAdminSql.AddVersion.Text);

    private const string Tables = """
        CREATE TABLE dbo.Positions (
            spool      binary(16) NOT NULL,
            partition  tinyint    NOT NULL,
            sequence   bigint     NOT NULL,
            idx        int        NOT NULL,
            ordinal    bigint     NOT NULL,
            checksum   bigint     NOT NULL,
            CONSTRAINT PK_Positions PRIMARY KEY CLUSTERED (spool, partition)
        );
        CREATE TABLE dbo.Counters (
            name   varchar(32) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_Counters PRIMARY KEY CLUSTERED,
            value  bigint      NOT NULL
        );
        INSERT INTO dbo.Counters (name, value) VALUES ('next_arrival', 1);
        CREATE TABLE dbo.Appends (
            last_arrival  bigint     NOT NULL CONSTRAINT PK_Appends PRIMARY KEY CLUSTERED,
            spool         binary(16) NOT NULL,
            partition     tinyint    NOT NULL,
            last_ordinal  bigint     NOT NULL,
            event_count   int        NOT NULL,
            day           date       NOT NULL,
            INDEX Appends_Id UNIQUE NONCLUSTERED (spool, partition, last_ordinal),
            INDEX Appends_Day NONCLUSTERED (day, last_arrival)
        );
        CREATE TABLE dbo.Counts (
            spool           binary(16)     NOT NULL,
            partition       tinyint        NOT NULL,
            api_key         varbinary(512) NOT NULL,
            api_key_length  smallint       NOT NULL,
            stored          bigint         NOT NULL,
            expired         bigint         NOT NULL,
            CONSTRAINT PK_Counts PRIMARY KEY CLUSTERED (spool, partition, api_key, api_key_length)
        );
        CREATE TABLE dbo.Days (
            day              date       NOT NULL,
            spool            binary(16) NOT NULL,
            partition        tinyint    NOT NULL,
            events           bigint     NOT NULL,
            record_bytes     bigint     NOT NULL,
            event_time_min   bigint     NOT NULL,
            event_time_max   bigint     NOT NULL,
            CONSTRAINT PK_Days PRIMARY KEY CLUSTERED (day, spool, partition)
        );
        CREATE TABLE dbo.Writers (
            name     varchar(32) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_Writers PRIMARY KEY CLUSTERED,
            host     nvarchar(256) NOT NULL,
            pid      int           NOT NULL,
            started  datetime2(0)  NOT NULL
        );
        CREATE TABLE dbo.Events (
            event_time  bigint         NOT NULL,
            spool       binary(16)     NOT NULL,
            partition   tinyint        NOT NULL,
            ordinal     bigint         NOT NULL,
            tenant      int            NOT NULL CONSTRAINT DF_Events_tenant DEFAULT 0,
            level       tinyint        NOT NULL,
            received    bigint         NOT NULL,
            day         date           NOT NULL,
            checksum    bigint         NOT NULL,
            api_key     varbinary(512) NOT NULL,
            trace_hash  bigint         NULL,
            source      varbinary(128) NULL,
            category    varbinary(128) NULL,
            record      varbinary(max) NOT NULL,
            CONSTRAINT PK_Events PRIMARY KEY CLUSTERED (event_time, spool, partition, ordinal) WITH (DATA_COMPRESSION = PAGE)
        );
        ALTER TABLE dbo.Events SET (LOCK_ESCALATION = DISABLE);
        CREATE UNIQUE NONCLUSTERED INDEX Events_Id ON dbo.Events (spool, partition, ordinal) WITH (DATA_COMPRESSION = PAGE);
        CREATE NONCLUSTERED INDEX Events_Level ON dbo.Events (event_time) INCLUDE (level) WITH (DATA_COMPRESSION = PAGE);
        CREATE NONCLUSTERED INDEX Events_Severe ON dbo.Events (event_time, spool, partition, ordinal) INCLUDE (level)
            WHERE level >= 3 WITH (DATA_COMPRESSION = PAGE);
        CREATE NONCLUSTERED INDEX Events_Trace ON dbo.Events (day, trace_hash)
            WHERE trace_hash IS NOT NULL WITH (DATA_COMPRESSION = PAGE);
        CREATE TYPE dbo.AppendRows AS TABLE (
            arrival_offset  bigint     NOT NULL PRIMARY KEY,
            spool           binary(16) NOT NULL,
            partition       tinyint    NOT NULL,
            last_ordinal    bigint     NOT NULL,
            event_count     int        NOT NULL,
            day             date       NOT NULL
        );
        CREATE TYPE dbo.CountRows AS TABLE (
            spool           binary(16)     NOT NULL,
            partition       tinyint        NOT NULL,
            api_key         varbinary(512) NOT NULL,
            api_key_length  smallint       NOT NULL,
            events          bigint         NOT NULL,
            PRIMARY KEY (spool, partition, api_key, api_key_length)
        );
        CREATE TYPE dbo.DayRows AS TABLE (
            day             date       NOT NULL,
            spool           binary(16) NOT NULL,
            partition       tinyint    NOT NULL,
            events          bigint     NOT NULL,
            record_bytes    bigint     NOT NULL,
            event_time_min  bigint     NOT NULL,
            event_time_max  bigint     NOT NULL,
            PRIMARY KEY (day, spool, partition)
        );
        """;
}
