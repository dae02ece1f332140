namespace Akka.Ingest.Stores.Segmented;

/// <summary>How the store is laid out and run. The defaults were measured on two cores; tests make everything small.</summary>
/// <param name="Folder">Holds everything of the store.</param>
internal sealed record SegmentedStoreSettings(string Folder)
{
    /// <summary>The active file is sealed once it holds this many events …</summary>
    public int SealRows { get; init; } = 1_000_000;

    /// <summary>… or this many bytes of records before compression …</summary>
    public long SealBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>… or this many frames …</summary>
    public int SealFrames { get; init; } = 20_000;

    /// <summary>… or its first event was stored this long ago.</summary>
    public TimeSpan SealAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Compresses frames: less is flushed, more is computed.</summary>
    public bool CompressFrames { get; init; } = true;

    /// <summary>Rows a row group: the unit of pruning, of checking and of what a damaged byte can cost.</summary>
    public int RowGroupRows { get; init; } = 64 * 1024;

    /// <summary>A row group is closed earlier once its records have this many bytes.</summary>
    public long RowGroupBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Segments below half of this are small; neighbours are merged up to it.</summary>
    public int TargetRows { get; init; } = 1_000_000;

    /// <summary>Level of zstd.</summary>
    public int CompressionLevel { get; init; } = 1;

    /// <summary>Small neighbours of a day are merged once there are this many.</summary>
    public int CompactAtSegments { get; init; } = 4;

    /// <summary>Bytes of frames kept expanded for queries and for sealing.</summary>
    public long ExpandedBytes { get; init; } = 48L * 1024 * 1024;

    /// <summary>Appends that wait at the same time share a flush up to this many events.</summary>
    public int MaxGroupEvents { get; init; } = 20_000;

    /// <summary>… and up to this many bytes of records.</summary>
    public long MaxGroupBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Queries that run at the same time.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Threads of one count or histogram.</summary>
    public int ScanThreads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Counts over fewer sealed rows than this do not use SQL.</summary>
    public long SqlRows { get; init; } = 200_000;

    /// <summary>Memory that DuckDB may take.</summary>
    public long SqlMemoryBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>How often the background work looks for something to do by itself.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromSeconds(5);
}
