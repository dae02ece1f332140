namespace Akka.Ingest.Hosting;

using System.Globalization;
using LinqToDB;
using LinqToDB.Data;

/// <summary>The SQLite file under the spool: <c>&lt;folder&gt;/spool.db</c>. Made and checked before the actor system starts.</summary>
/// <remarks>
/// Write-ahead log with <c>synchronous=FULL</c>. The tables are what Akka.Persistence.Sql's default mapping expects; its own
/// initialization is off. The figures behind the sizes are in <c>docs/decisions/0002-journal-settings.md</c>.
/// </remarks>
public sealed class SpoolJournal
{
    public const string FileName = "spool.db";

    /// <summary>Version of the tables, in <c>SpoolInfo</c>.</summary>
    public const int FormatVersion = 1;

    internal const string ProviderName = "SQLite.MS";

    /// <summary>Bytes of a database page. Fixed when the file is made.</summary>
    internal const int PageSize = 16 * 1024;

    /// <summary>The write-ahead log is copied into the file when it reaches this size; it stays below a few times that.</summary>
    internal const long WalBytes = 32L * 1024 * 1024;

    /// <summary>Unused space in the file is given back beyond this …</summary>
    private const long KeptFreeBytes = 64L * 1024 * 1024;

    /// <summary>… in steps of this size: each is a transaction that appends wait for.</summary>
    private const long ShrinkStepBytes = 4L * 1024 * 1024;

    private readonly int _partitions;
    private readonly TimeProvider _time;
    private readonly int _pageSize;

    public SpoolJournal(string folder, int partitions, TimeProvider time)
        : this(folder, partitions, time, PageSize, WalBytes)
    {
    }

    internal SpoolJournal(string folder, int partitions, TimeProvider time, int pageSize, long walBytes)
    {
        _partitions = partitions;
        _time = time;
        _pageSize = pageSize;
        Folder = Path.GetFullPath(folder);
        Options = new DataOptions()
            .UseConnectionString(ProviderName, ConnectionString(DatabaseFile))
            .UseInterceptor(new SpoolConnectionSettings(walBytes, pageSize));
    }

    public string Folder { get; }

    public string DatabaseFile => Path.Combine(Folder, FileName);

    /// <summary>For <see cref="SpoolJournalTrim"/>: outside the pool, since it does not flush.</summary>
    internal DataOptions TrimOptions => new DataOptions()
        .UseConnectionString(ProviderName, $"Data Source={DatabaseFile};Pooling=False;Default Timeout=5");

    /// <summary>How every connection of the journal, the snapshots and the queries is made.</summary>
    internal DataOptions Options { get; }

    internal static string ConnectionString(string databaseFile) => $"Data Source={databaseFile};Pooling=True;Default Timeout=5";

    /// <summary>Makes the file and its tables where there are none. Safe to repeat.</summary>
    /// <exception cref="SpoolConfigurationException">The file is of a newer version or was made for another number of partitions.</exception>
    public void Initialize()
    {
        Directory.CreateDirectory(Folder);
        using var db = new DataConnection(Options);
        // In this order, before the first table; on an existing file the first two change nothing.
        db.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size={_pageSize}"));
        db.Execute("PRAGMA auto_vacuum=INCREMENTAL");
        if (db.Execute<string>("PRAGMA journal_mode=WAL") is var mode && mode != "wal")
            throw new SpoolConfigurationException($"{DatabaseFile} cannot be used with a write-ahead log (journal mode {mode}); is it on a network drive?");
        using var transaction = db.BeginTransaction();
        if (db.Execute<long>("SELECT COUNT(*) FROM sqlite_master WHERE name='SpoolInfo'") == 0)
            CreateTables(db);
        Check(db);
        transaction.Commit();
    }

    /// <summary>Cuts the file where much of it is unused: after a long backlog was drained.</summary>
    public void GiveBackUnusedSpace()
    {
        using var db = new DataConnection(Options);
        var pageSize = db.Execute<long>("PRAGMA page_size");
        for (var steps = 0; steps < 64; steps++)
        {
            var free = db.Execute<long>("PRAGMA freelist_count") * pageSize;
            if (free <= KeptFreeBytes)
                return;
            db.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({Math.Min(ShrinkStepBytes, free - KeptFreeBytes) / pageSize})"));
        }
    }

    private void CreateTables(DataConnection db)
    {
        // No AUTOINCREMENT: the last row is never deleted, so "ordering" grows all the same, and each commit saves a page.
        db.Execute(
            """
            CREATE TABLE journal (
              ordering INTEGER PRIMARY KEY,
              created BIGINT NOT NULL,
              deleted BIT NOT NULL,
              persistence_id NVARCHAR(255) NOT NULL,
              sequence_number BIGINT NOT NULL,
              tags NVARCHAR(100) NULL,
              manifest NVARCHAR(500) NULL,
              identifier INT NULL,
              writer_uuid NVARCHAR(128) NULL,
              message BLOB NOT NULL);
            CREATE UNIQUE INDEX journal_place ON journal (persistence_id, sequence_number);
            CREATE TABLE snapshot (
              persistence_id NVARCHAR(255) NOT NULL,
              sequence_number BIGINT NOT NULL,
              created BIGINT NOT NULL,
              manifest NVARCHAR(500) NULL,
              serializer_id INT NULL,
              snapshot BLOB NOT NULL,
              PRIMARY KEY (persistence_id, sequence_number));
            CREATE TABLE SpoolInfo (
              id INTEGER PRIMARY KEY CHECK (id = 1),
              format_version INTEGER NOT NULL,
              partitions INTEGER NOT NULL,
              created_at TEXT NOT NULL);
            """);
        db.Execute(
            "INSERT INTO SpoolInfo (id, format_version, partitions, created_at) VALUES (1, @version, @partitions, @createdAt)",
            new DataParameter("version", FormatVersion),
            new DataParameter("partitions", _partitions),
            new DataParameter("createdAt", _time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
    }

    private void Check(DataConnection db)
    {
        var version = db.Execute<long>("SELECT format_version FROM SpoolInfo");
        if (version > FormatVersion)
        {
            throw new SpoolConfigurationException(
                $"{DatabaseFile} was written by a newer version (format {version}, this version reads up to {FormatVersion}). Start that version, or another Storage:Path.");
        }

        var partitions = db.Execute<long>("SELECT partitions FROM SpoolInfo");
        if (partitions != _partitions)
        {
            throw new SpoolConfigurationException(
                $"Storage:IngestionPipeline:Partitions is {_partitions}, but {DatabaseFile} was made with {partitions}, and that is fixed. "
                + $"Set it back to {partitions}, or drain the spool and start with another Storage:Path.");
        }
    }
}
