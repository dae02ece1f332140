namespace Akka.Ingest.Stores.Sql.SqlServer;

/// <summary>How the database is used.</summary>
internal sealed record SqlServerStoreSettings(string ConnectionString)
{
    /// <summary>A second process that wants to write is refused while this one is connected.</summary>
    public bool IsSingleWriter { get; init; }

    /// <summary>Keep a columnstore index for counts and histograms over long ranges.</summary>
    public bool HasColumnstore { get; init; }

    /// <summary>Queries that run at the same time.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>Appends that wait at the same time share a transaction up to this many events.</summary>
    public int MaxGroupEvents { get; init; } = 20_000;

    /// <summary>… and up to this many bytes of records.</summary>
    public long MaxGroupBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>A statement of the writer that takes longer is given up; whether it was written the next append learns from the position.</summary>
    public TimeSpan WriteLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Events that one step of retention removes: some tens of milliseconds of locks on old rows.</summary>
    public int ExpireStep { get; init; } = 2_000;

    /// <summary>How long the physical state of the indexes is taken for true before it is read again.</summary>
    public TimeSpan PhysicalStatsAge { get; init; } = TimeSpan.FromMinutes(10);
}
