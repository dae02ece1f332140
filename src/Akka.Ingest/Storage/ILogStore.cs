namespace Akka.Ingest.Storage;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>
/// Where events end up. Every provider behaves the same; the inherited <c>LogStoreSpec</c> holds them to it.
/// </summary>
/// <remarks>
/// Thread-safe. Storage trouble is never thrown from <see cref="AppendAsync"/>: it is a <see cref="StoreAppendResult.Failed"/>.
/// Queries throw <see cref="StoreException"/>. A commit under way is never abandoned for a cancelled token.
/// </remarks>
public interface ILogStore : IAsyncDisposable
{
    /// <summary>Name as in <c>Storage:Provider</c>.</summary>
    string Provider { get; }

    /// <summary>Opens the store and migrates its schema forward. Safe to repeat.</summary>
    /// <exception cref="StoreException">The store cannot be opened, or was written by a newer version.</exception>
    Task InitializeAsync(CancellationToken cancellationToken);

    /// <summary>What is settled of a spool partition; null for a spool the store has never seen.</summary>
    Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the events and moves the stored position from <see cref="StoreBatch.Expected"/> to <see cref="StoreBatch.Next"/> in one
    /// atomic, durable step. If the position is not the expected one, nothing is written.
    /// </summary>
    Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken);

    /// <summary>One page of events.</summary>
    Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken);

    Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken);

    /// <summary>Counts by time and severity; <paramref name="bucketCount"/> equal buckets over the plan's time range.</summary>
    Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken);

    /// <summary>One event, or null.</summary>
    Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken);

    /// <summary>Throws <see cref="StoreException"/> when the store does not answer.</summary>
    Task PingAsync(CancellationToken cancellationToken);

    /// <summary>The indexes the provider keeps, and which query each serves.</summary>
    ILogIndexStrategy Indexes { get; }

    /// <summary>What is stored of each UTC day of receipt, oldest day first; days without events are left out.</summary>
    Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Removes events of one day, those first that arrived first. One call is one small step that holds writers up for some 100 ms at
    /// most; the caller repeats it until <see cref="ExpiredEvents.IsComplete"/>. Removal and the counts of
    /// <see cref="ReadCountsAsync"/> are one durable step. Stored positions do not move.
    /// </summary>
    Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken);

    /// <summary>Events written and events expired since the store was made, by spool and API key.</summary>
    Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken);

    /// <summary>How the store is doing: size, wear, damage found. Cheap enough to be asked every few seconds.</summary>
    Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken);
}
