namespace Akka.Ingest.Delivery;

using Akka.Ingest.Hosting;

/// <summary>The limits of delivery, derived from <see cref="IngestionPipelineOptions"/>; each partition has them once.</summary>
public sealed record DeliverySettings
{
    /// <summary>Events per store write.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Raw bytes per store write; a single larger event makes a larger write. Two writes are in memory at most.</summary>
    public int MaxBatchBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long a store write waits to fill up.</summary>
    public required TimeSpan MaxBatchDelay { get; init; }

    /// <summary>How often a write that fails because of its data is repeated before its poison events are isolated.</summary>
    public required int MaxWriteRetries { get; init; }

    /// <summary>First pause between retries.</summary>
    public required TimeSpan RetryDelay { get; init; }

    /// <summary>Longest pause between retries.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the spool may stay silent before it is asked again: it may have been restarted and have forgotten the question.</summary>
    public TimeSpan PullTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Entries per read of a backlog. Entries are large blocks, so few.</summary>
    public int JournalReadEntries { get; init; } = 8;

    /// <summary>How long a stop waits for the write under way.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(8);

    public static DeliverySettings From(IngestionPipelineOptions options) => new()
    {
        BatchSize = options.BatchSize,
        MaxBatchDelay = TimeSpan.FromMilliseconds(options.MaxBatchDelayMs),
        MaxWriteRetries = options.MaxWriteRetries,
        RetryDelay = TimeSpan.FromMilliseconds(options.RetryDelayMs),
    };
}
