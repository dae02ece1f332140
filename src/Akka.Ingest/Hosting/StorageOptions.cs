namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

/// <summary>Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>For PostgreSql and SqlServer.</summary>
    [Secret]
    public string? ConnectionString { get; set; }

    /// <summary>Data folder, relative to the working directory. Holds <c>spool/</c> and <c>store/</c>.</summary>
    [Required]
    [Place]
    public string Path { get; set; } = "./data";

    [Required]
    [ValidateObjectMembers]
    public IngestionPipelineOptions IngestionPipeline { get; set; } = new();

    [Required]
    public DeploymentOptions Deployment { get; set; } = new();

    [Required]
    [ValidateObjectMembers]
    public RetentionOptions Retention { get; set; } = new();

    [Required]
    public PostgreSqlOptions PostgreSql { get; set; } = new();

    [Required]
    public SqlServerOptions SqlServer { get; set; } = new();
}

public enum StorageProvider
{
    Sqlite,
    File,
    Segmented,
    PostgreSql,
    SqlServer,
}

/// <summary>Section <c>Storage:IngestionPipeline</c>.</summary>
public sealed class IngestionPipelineOptions
{
    /// <summary>Events accepted but not yet stored; beyond it requests are held, then refused. Default 5,000,000.</summary>
    [Range(1, 1_000_000_000_000)]
    public long QueueCapacity { get; set; } = 5_000_000;

    /// <summary>Events per store write. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 5_000;

    /// <summary>How long a store write waits to fill up, in milliseconds. Default 100.</summary>
    [Range(1, 60_000)]
    public int MaxBatchDelayMs { get; set; } = 100;

    /// <summary>How long a request waits for room before it is refused, in milliseconds. Default 5,000.</summary>
    [Range(0, 60_000)]
    public int MaxHoldMs { get; set; } = 5_000;

    /// <summary>How often a write that fails because of its data is repeated before the poison events are isolated. Default 3.</summary>
    [Range(0, 100)]
    public int MaxWriteRetries { get; set; } = 3;

    /// <summary>First pause between retries in milliseconds; doubles up to 30 s, with jitter. Default 200.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; set; } = 200;

    /// <summary>Where dead letters go; relative to the working directory. Default <c>logs/deadletter</c>.</summary>
    [Required]
    [Place]
    public string DeadLetterDirectory { get; set; } = "logs/deadletter";

    /// <summary>Largest request body after decompression, in bytes. Default 32 MiB.</summary>
    [Range(1_024, 1_073_741_824)]
    public int MaxPayloadBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Largest single event as sent, in bytes. Default 1 MiB.</summary>
    [Range(256, 268_435_456)]
    public int MaxEventBytes { get; set; } = 1024 * 1024;

    /// <summary>Requests a minute for each API key; 0 = no limit. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int MaxRequestsPerMinutePerApiKey { get; set; }

    /// <summary>Spool partitions, fixed when the spool is made. Default 4.</summary>
    [Range(1, 64)]
    public int Partitions { get; set; } = 4;

    /// <summary>Memory for request bodies and encoded blocks in flight, in bytes. Default 128 MiB.</summary>
    [Range(1_048_576, 17_179_869_184)]
    public long MaxInFlightBytes { get; set; } = 128L * 1024 * 1024;
}

/// <summary>Section <c>Storage:PostgreSql</c>.</summary>
public sealed class PostgreSqlOptions
{
    /// <summary>
    /// New days keep the text of message and exception once more with a trigram index (extension pg_trgm): the query parameter text then
    /// finds rare words without reading everything, and writing costs more. Default false.
    /// </summary>
    public bool TextIndex { get; set; }
}

/// <summary>Section <c>Storage:SqlServer</c>.</summary>
public sealed class SqlServerOptions
{
    /// <summary>
    /// Keep a columnstore index of time, level, source and category for counts and histograms over long ranges; it is made at the start,
    /// and dropped where this is off again. Default false.
    /// </summary>
    public bool Columnstore { get; set; }
}

/// <summary>Section <c>Storage:Deployment</c>.</summary>
public sealed class DeploymentOptions
{
    public DeploymentProfile Profile { get; set; } = DeploymentProfile.SingleNode;

    public NodeMode NodeMode { get; set; } = NodeMode.SingleWriter;
}

public enum DeploymentProfile
{
    SingleNode,
    OnPremHa,
    CloudHa,
}

public enum NodeMode
{
    SingleWriter,
    MultiWriter,
}
