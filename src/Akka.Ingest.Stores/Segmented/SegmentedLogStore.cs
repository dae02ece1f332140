namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.State;
using Microsoft.Extensions.Logging;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>
/// Events in files that anybody can read: an append goes to the active file and is on the disk when it returns; from there events go, sorted
/// by time and compressed, into Parquet files of one day each, which never change. See <see cref="SegmentedStore"/>.
/// </summary>
internal sealed class SegmentedLogStore(SegmentedStoreSettings settings, IStoreFileSystem files, TimeProvider clock, ILogger<SegmentedLogStore> logger) : ILogStore
{
    /// <summary>A read that finds one event and takes longer than this means that the store does not answer.</summary>
    private static readonly TimeSpan ShortRead = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SemaphoreSlim _free = new(settings.Readers, settings.Readers);
    private SegmentedStore? _store;
    private bool _isDisposed;

    public string Provider => "Segmented";

    public ILogIndexStrategy Indexes => new SegmentedIndexStrategy(() => Store.State);

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            _store ??= await RunOnThreadAsync(Open);
        }
        finally
        {
            _opening.Release();
        }
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        Task.FromResult(Store.State.Position(spoolId, partition));

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        StoreBatches.ThrowIfContradictory(batch);
        return Store.Writer.AppendAsync(batch, cancellationToken);
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) => ReadAsync(
        (store, view, token) => new SegmentedQuery(view, plan, clock, store.OnDamage, token).ReadPage(), plan.MaxDuration * 2, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) => ReadAsync(
        (store, view, token) => CountOf(store, view, plan, token).Count(), plan.MaxDuration, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) => ReadAsync(
        (store, view, token) => CountOf(store, view, plan, token).Histogram(bucketCount), plan.MaxDuration, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => ReadAsync(
        (store, view, _) =>
        {
            if (SegmentedQuery.Find(view, id, store.OnDamage) is not var (rows, row))
                return null;
            using (rows)
                return store.TryRead(rows, row);
        },
        ShortRead,
        cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => ReadAsync((store, _, _) => store.Ping(), ShortRead, cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) =>
        ReadAsync((_, view, _) => StoreSums.Days(view), ShortRead, cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => Store.Maintenance.ExpireAsync(request, cancellationToken);

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Store.ReadCounts());

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => ReadAsync((store, _, _) => store.ReadHealth(), ShortRead, cancellationToken);

    /// <summary>Seals and merges what can be sealed and merged, without waiting for size or age.</summary>
    internal Task MaintainAsync() => Store.Maintenance.RunOnceAsync(sealAll: true, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        if (_store is { } store)
            await store.DisposeAsync();
        _opening.Dispose();
    }

    private SegmentedStore Store => _store ?? throw StoreFailures.NotOpen();

    private SegmentedCount CountOf(SegmentedStore store, StoreView view, LogQueryPlan plan, CancellationToken cancellationToken) =>
        new(view, plan, settings.ScanThreads, store.Sql, settings.SqlRows, store.OnDamage, cancellationToken);

    private SegmentedStore Open()
    {
        try
        {
            return SegmentedStore.Open(settings, files, clock, logger);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailures.Of(exception), exception);
        }
    }

    private async Task<T> ReadAsync<T>(Func<SegmentedStore, StoreView, CancellationToken, T> read, TimeSpan limit, CancellationToken cancellationToken)
    {
        var store = Store;
        await _free.WaitAsync(cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(limit);
            return await RunOnThreadAsync(() =>
            {
                using var lease = store.State.Lease();
                return read(store, lease.View, deadline.Token);
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw StoreFailures.TooSlow();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StoreException(StoreFailures.Of(exception) with { Kind = StoreFailureKind.Transient }, exception);
        }
        finally
        {
            _free.Release();
        }
    }

    private static Task<T> RunOnThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
