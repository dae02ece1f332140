namespace Akka.Ingest.Tests.Http;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>A store that only answers whether it is there.</summary>
internal sealed class FakeStore : ILogStore
{
    public StoreFailure? Failure { get; set; }
    public string Provider => "Fake";
    public ILogIndexStrategy Indexes => throw new NotSupportedException();

    public Task PingAsync(CancellationToken cancellationToken) =>
        Failure is null ? Task.CompletedTask : Task.FromException(new StoreException(Failure));

    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Dead letters as a list of ordinals by spool id.</summary>
internal sealed class FakeDeadLetters : IDeadLetterIndex
{
    public List<(Guid SpoolId, long Ordinal)> Items { get; } = [];

    public long Count(Guid spoolId, int partition, long fromOrdinal, long toOrdinal) =>
        Items.Count(item => item.SpoolId == spoolId && item.Ordinal >= fromOrdinal && item.Ordinal < toOrdinal);
}
