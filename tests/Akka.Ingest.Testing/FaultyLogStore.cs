namespace Akka.Ingest.Testing;

using System.Collections.Concurrent;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>What goes wrong with one append.</summary>
public enum StoreFault
{
    None,

    /// <summary>Nothing written, transient failure.</summary>
    Transient,

    /// <summary>Nothing written, asked to slow down.</summary>
    Throttled,

    /// <summary>Nothing written, permanent failure, though the data is good.</summary>
    Permanent,

    /// <summary>Nothing written, an exception that the contract does not allow.</summary>
    Throw,

    /// <summary>Written, but the answer is a transient failure: the outcome is unknown to the writer.</summary>
    CommitThenFail,

    /// <summary>Written, then an exception.</summary>
    CommitThenThrow,

    /// <summary>The process dies before the commit: nothing written, no answer ever.</summary>
    CrashBeforeCommit,

    /// <summary>The process dies after the commit: written, no answer ever.</summary>
    CrashAfterCommit,
}

/// <summary>A store around another one that fails as planned: n-th append, n-th fault.</summary>
public sealed class FaultyLogStore(ILogStore inner) : ILogStore
{
    private readonly ConcurrentQueue<StoreFault> _plan = new();
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _appends;

    /// <summary>Ordinals of events that the store will never take.</summary>
    public Func<long, bool> IsPoison { get; set; } = static _ => false;

    /// <summary>While set, every call fails as transient.</summary>
    public bool IsAway { get; set; }

    /// <summary>Called before each append that is not part of the plan's crash.</summary>
    public Func<StoreBatch, Task>? BeforeAppend { get; set; }

    /// <summary>Every batch offered, with what came of it.</summary>
    public ConcurrentQueue<OfferedBatch> Offered { get; } = new();

    public int Appends => Volatile.Read(ref _appends);

    /// <summary>Completes when a planned crash is reached. From then on no call is answered.</summary>
    public Task Crashed => _crashed.Task;

    public string Provider => inner.Provider;

    public ILogIndexStrategy Indexes => inner.Indexes;

    /// <summary>Adds to the plan: one fault for each of the next appends.</summary>
    public FaultyLogStore Plan(params IEnumerable<StoreFault> faults)
    {
        foreach (var fault in faults)
            _plan.Enqueue(fault);
        return this;
    }

    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public async Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken)
    {
        if (IsAway)
            throw new StoreException(Failure(StoreFailureKind.Transient));
        return await inner.ReadPositionAsync(spoolId, partition, cancellationToken);
    }

    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _appends);
        if (_crashed.Task.IsCompleted)
            return await NeverAsync();
        if (BeforeAppend is { } before)
            await before(batch);
        Offered.Enqueue(new OfferedBatch(batch.Expected, batch.Next, [.. batch.Slices.SelectMany(slice => Enumerable.Range(0, slice.Count).Select(i => slice.FirstOrdinal + i))], batch.RawBytes));
        if (IsAway)
            return Failed(StoreFailureKind.Transient);
        var fault = _plan.TryDequeue(out var planned) ? planned : StoreFault.None;
        switch (fault)
        {
            case StoreFault.Transient:
                return Failed(StoreFailureKind.Transient);
            case StoreFault.Throttled:
                return Failed(StoreFailureKind.Throttled);
            case StoreFault.Permanent:
                return Failed(StoreFailureKind.Permanent);
            case StoreFault.Throw:
                throw new InvalidOperationException("An exception planned by the test.");
            case StoreFault.CrashBeforeCommit:
                _crashed.TrySetResult();
                return await NeverAsync();
        }

        var result = Offered.Last().Ordinals.Any(IsPoison) ? Failed(StoreFailureKind.Permanent) : await inner.AppendAsync(batch, cancellationToken);
        switch (fault)
        {
            case StoreFault.CommitThenFail:
                return Failed(StoreFailureKind.Transient);
            case StoreFault.CommitThenThrow:
                throw new InvalidOperationException("An exception planned by the test.");
            case StoreFault.CrashAfterCommit:
                _crashed.TrySetResult();
                return await NeverAsync();
            default:
                return result;
        }
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) => inner.QueryAsync(plan, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) => inner.CountAsync(plan, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        inner.HistogramAsync(plan, bucketCount, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        IsAway ? Task.FromException(new StoreException(Failure(StoreFailureKind.Transient))) : inner.PingAsync(cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => inner.ReadDaysAsync(cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => inner.ExpireAsync(request, cancellationToken);

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => inner.ReadCountsAsync(cancellationToken);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => inner.ReadHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static async Task<StoreAppendResult> NeverAsync()
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
        throw new InvalidOperationException("A crashed store answered.");
    }

    private static StoreAppendResult.Failed Failed(StoreFailureKind kind) => new StoreAppendResult.Failed(Failure(kind));

    private static StoreFailure Failure(StoreFailureKind kind) => kind switch
    {
        StoreFailureKind.Transient => new(kind, "test:busy", "The store is away, planned by the test.", "System.TimeoutException"),
        StoreFailureKind.Throttled => new(kind, "test:throttled", "The store asks to slow down, planned by the test.", "System.TimeoutException"),
        _ => new(kind, "test:constraint", "The store refuses the data, planned by the test.", "System.Data.DataException"),
    };
}

/// <summary>One call of <see cref="ILogStore.AppendAsync"/>.</summary>
public sealed record OfferedBatch(StoredPosition Expected, StoredPosition Next, IReadOnlyList<long> Ordinals, long RawBytes);
