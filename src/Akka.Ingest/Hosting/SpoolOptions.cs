namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;

/// <summary>Section <c>Spool</c>: the journal in which accepted events are durable.</summary>
public sealed class SpoolOptions
{
    public const string Section = "Spool";

    public SpoolProvider Provider { get; set; } = SpoolProvider.Sqlite;

    /// <summary>For PostgreSql and SqlServer; absent = that of the store, where it is of the same kind.</summary>
    [Secret]
    public string? ConnectionString { get; set; }

    /// <summary>Idempotency keys remembered by the whole spool; the oldest are forgotten first. Default 100,000.</summary>
    [Range(0, 10_000_000)]
    public int MaxIdempotencyKeys { get; set; } = 100_000;

    /// <summary>Entries kept in memory for delivery, in bytes over all partitions; a longer backlog is read from the journal. Default 32 MiB.</summary>
    [Range(1_048_576, 4_294_967_296)]
    public long MaxMemoryBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>A group of requests is closed at this size of one entry, in bytes; a single larger request makes a larger entry. Default 1 MiB.</summary>
    [Range(4_096, 67_108_864)]
    public int MaxEntryBytes { get; set; } = 1024 * 1024;

    /// <summary>How often a changed partition takes a snapshot and trims its journal, in milliseconds. Default 10,000.</summary>
    [Range(100, 600_000)]
    public int SnapshotIntervalMs { get; set; } = 10_000;
}

public enum SpoolProvider
{
    Sqlite,
    PostgreSql,
    SqlServer,
}
