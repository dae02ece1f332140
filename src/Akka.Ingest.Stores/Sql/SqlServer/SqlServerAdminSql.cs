namespace Akka.Ingest.Stores.Sql.SqlServer;

using static SqlServerParameter;

/// <summary>The statements of opening, of the writer's lease and of health.</summary>
internal static class SqlServerAdminSql
{
    /// <summary>What the store needs of its database: delayed durability 0 or 1 (2 = forced), snapshot isolation 1.</summary>
    public static readonly SqlServerStatement DatabaseState = new(
        "database_state",
        """
        SELECT d.name, CAST(d.delayed_durability AS int) AS delayed_durability, CAST(d.snapshot_isolation_state AS int) AS snapshot_isolation_state
        FROM sys.databases AS d WHERE d.database_id = DB_ID()
        """);

    /// <summary>Queries read one moment of the database and wait for no writer. Waits until the transactions under way have ended.</summary>
    public static readonly SqlServerStatement AllowSnapshots = new("allow_snapshots", "ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON");

    /// <summary>One process after the other opens the store: two that set the database at once would fail each other. Ends with the connection.</summary>
    public static readonly SqlServerStatement LockOpening = new(
        "lock_opening",
        """
        DECLARE @result int;
        EXECUTE @result = sp_getapplock @Resource = N'akka-ingest-opening', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 20000;
        IF @result < 0
            THROW 50012, 'Another process is opening the store and has not ended within 20 s.', 1;
        """);

    /// <summary>Keeps other processes from migrating until the transaction ends. The procedure tells by a number below 0 that it did not.</summary>
    public static readonly SqlServerStatement LockSchema = new(
        "lock_schema",
        """
        DECLARE @result int;
        EXECUTE @result = sp_getapplock @Resource = N'akka-ingest-schema', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 20000;
        IF @result < 0
            THROW 50011, 'Another process migrates the schema and has not ended within 20 s.', 1;
        """);

    /// <summary>One row: 0 where the lock was granted, below 0 where another connection holds it. It lasts as long as the connection.</summary>
    public static readonly SqlServerStatement LockWriter = new(
        "lock_writer",
        """
        DECLARE @result int;
        EXECUTE @result = sp_getapplock @Resource = N'akka-ingest-writer', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0;
        SELECT @result AS result
        """);

    public static readonly SqlServerStatement NameWriter = new(
        "name_writer",
        """
        UPDATE dbo.Writers SET host = @host, pid = @pid, started = SYSUTCDATETIME() WHERE name = 'writer';
        IF @@ROWCOUNT = 0
            INSERT INTO dbo.Writers (name, host, pid, started) VALUES ('writer', @host, @pid, SYSUTCDATETIME());
        """,
        Text("host", 256), Int("pid"));

    public static readonly SqlServerStatement ReadWriter = new(
        "read_writer", "SELECT w.host, w.pid, w.started FROM dbo.Writers AS w WHERE w.name = 'writer'");

    /// <summary>1 where the lock of <see cref="LockWriter"/> is held by this connection.</summary>
    public static readonly SqlServerStatement HoldsWriter = new(
        "holds_writer",
        "SELECT CASE WHEN APPLOCK_MODE(N'public', N'akka-ingest-writer', N'Session') = N'Exclusive' THEN 1 ELSE 0 END AS holds");

    public static readonly SqlServerStatement HasVersions = new(
        "has_versions", "SELECT COUNT(*) AS tables FROM sys.tables AS t WHERE t.name = N'SchemaVersions' AND t.schema_id = SCHEMA_ID(N'dbo')");

    public const string VersionsTable = """
        CREATE TABLE dbo.SchemaVersions (
            version      int           NOT NULL CONSTRAINT PK_SchemaVersions PRIMARY KEY CLUSTERED,
            description  nvarchar(200) NOT NULL,
            applied      datetime2(0)  NOT NULL
        )
        """;

    public static readonly SqlServerStatement CreateVersions = new(
        "create_versions", $"IF OBJECT_ID(N'dbo.SchemaVersions', N'U') IS NULL\n{VersionsTable}");

    public static readonly SqlServerStatement ReadVersion = new("read_version", "SELECT COALESCE(MAX(v.version), 0) AS version FROM dbo.SchemaVersions AS v");

    public static readonly SqlServerStatement AddVersion = new(
        "add_version",
        "INSERT INTO dbo.SchemaVersions (version, description, applied) VALUES (@version, @description, @applied)",
        Int("version"), Text("description", 200), new SqlServerParameter("applied", System.Data.SqlDbType.DateTime2));

    public static readonly SqlServerStatement HasColumnstore = new(
        "has_columnstore",
        "SELECT COUNT(*) AS indexes FROM sys.indexes AS i WHERE i.object_id = OBJECT_ID(N'dbo.Events') AND i.name = N'Events_Columns'");

    /// <summary>For counts and histograms over long ranges; the engine takes it where it is cheaper than <c>Events_Level</c>.</summary>
    public static readonly SqlServerStatement CreateColumnstore = new(
        "create_columnstore", "CREATE NONCLUSTERED COLUMNSTORE INDEX Events_Columns ON dbo.Events (event_time, level, source, category)");

    public static readonly SqlServerStatement DropColumnstore = new("drop_columnstore", "DROP INDEX Events_Columns ON dbo.Events");

    /// <summary>A row for each index of the store's tables: table, index (null for none), its number, bytes reserved, bytes used, rows.</summary>
    public static readonly SqlServerStatement Sizes = new(
        "read_sizes",
        """
        SELECT o.name AS table_name, i.name AS index_name, i.index_id, SUM(s.reserved_page_count) * 8192 AS reserved_bytes,
            SUM(s.used_page_count) * 8192 AS used_bytes, SUM(s.row_count) AS row_count
        FROM sys.dm_db_partition_stats AS s
        INNER JOIN sys.objects AS o ON o.object_id = s.object_id
        INNER JOIN sys.indexes AS i ON i.object_id = s.object_id AND i.index_id = s.index_id
        WHERE o.schema_id = SCHEMA_ID(N'dbo')
            AND o.name IN (N'Events', N'Appends', N'Positions', N'Counts', N'Days', N'Counters', N'Writers', N'SchemaVersions')
        GROUP BY o.name, i.name, i.index_id
        ORDER BY o.name, i.index_id
        """);

    /// <summary>Fragmentation of the event table's indexes. LIMITED reads the pages above the leaves only.</summary>
    public static readonly SqlServerStatement PhysicalStats = new(
        "read_physical_stats",
        """
        DECLARE @events int = OBJECT_ID(N'dbo.Events'), @database int = DB_ID();
        SELECT f.index_id, f.avg_fragmentation_in_percent, f.page_count
        FROM sys.dm_db_index_physical_stats(@database, @events, NULL, NULL, N'LIMITED') AS f
        WHERE f.alloc_unit_type_desc = N'IN_ROW_DATA' AND f.page_count > 0
        """);

    public static IEnumerable<SqlServerStatement> All =>
    [
        DatabaseState, AllowSnapshots, LockOpening, LockSchema, LockWriter, NameWriter, ReadWriter, HoldsWriter, HasVersions, CreateVersions, ReadVersion,
        AddVersion, HasColumnstore, CreateColumnstore, DropColumnstore, Sizes, PhysicalStats,
    ];
}
