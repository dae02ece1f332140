namespace Akka.Ingest.Telemetry;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>A store whose writes and queries are timed. Everything else is the inner store's.</summary>
public sealed class MeasuredLogStore(ILogStore inner, StoreMetrics metrics, TimeProvider time) : ILogStore
{
    public string Provider => inner.Provider;

    public ILogIndexStrategy Indexes => inner.Indexes;

    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        inner.ReadPositionAsync(spoolId, partition, cancellationToken);

    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        string? errorType = "unexpected";
        try
        {
            var result = await inner.AppendAsync(batch, cancellationToken);
            errorType = result switch
            {
                StoreAppendResult.Appended => null,
                StoreAppendResult.Failed failed => failed.Failure.Code,
                _ => "offset-mismatch",
            };
            return result;
        }
        finally
        {
            metrics.Written(time.GetElapsedTime(began), errorType);
        }
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        MeasureAsync("page", () => inner.QueryAsync(plan, cancellationToken));

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        MeasureAsync("count", () => inner.CountAsync(plan, cancellationToken));

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        MeasureAsync("histogram", () => inner.HistogramAsync(plan, bucketCount, cancellationToken));

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        MeasureAsync("find", () => inner.FindAsync(id, cancellationToken));

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => inner.ReadDaysAsync(cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => inner.ExpireAsync(request, cancellationToken);

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => inner.ReadCountsAsync(cancellationToken);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => inner.ReadHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> query)
    {
        var began = time.GetTimestamp();
        string? errorType = null;
        try
        {
            return await query();
        }
        catch (Exception exception)
        {
            errorType = exception switch
            {
                StoreException failed => failed.Failure.Code,
                OperationCanceledException => "cancelled",
                _ => exception.GetType().FullName,
            };
            throw;
        }
        finally
        {
            metrics.Queried(operation, time.GetElapsedTime(began), errorType);
        }
    }
}
