namespace Akka.Ingest.Stores.Sql.Sqlite;

/// <summary>How the database is opened. The defaults were measured, see perf/results.</summary>
internal sealed record SqliteStoreSettings(string DatabaseFile)
{
    /// <summary>Bytes a page; only for a new file. Larger pages mean fewer page headers and checksums in the write-ahead log.</summary>
    public int PageBytes { get; init; } = 8192;

    /// <summary>Page cache of the writer: holds the open pages of the indexes between transactions.</summary>
    public int WriterCacheKib { get; init; } = 32 * 1024;

    /// <summary>
    /// Page cache of each reader. The file is not mapped into memory: that made no query faster and the process look 256 MiB larger.
    /// </summary>
    public int ReaderCacheKib { get; init; } = 4 * 1024;

    /// <summary>The write-ahead log is copied into the database once it is this long.</summary>
    public int CheckpointBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The write-ahead log is cut to this length when it starts over, and forced to start over when it is twice as long.</summary>
    public long MaxWalBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a lock of another process (a person with the sqlite3 tool) is waited for.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Queries that run at the same time.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Appends that wait at the same time share a transaction up to this many events.</summary>
    public int MaxGroupEvents { get; init; } = 20_000;

    /// <summary>… and up to this many bytes of records.</summary>
    public long MaxGroupBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Free pages that the file keeps for what comes next, in bytes; never more than the share <see cref="FreeShare"/> of it.</summary>
    public long MaxFreeBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>One in so many bytes of the file may be free.</summary>
    public long FreeShare { get; init; } = 20;

    /// <summary>Free pages given back after one step of retention, in bytes: a few milliseconds that appends wait for.</summary>
    public long ShrinkStepBytes { get; init; } = 8L * 1024 * 1024;
}
