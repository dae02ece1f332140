namespace Akka.Ingest.Tests.Http;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>A store that answers what a test has put into it.</summary>
internal sealed class FakeStore : ILogStore
{
    public StoreFailure? Failure { get; set; }
    public string Provider => "Fake";
    public ILogIndexStrategy Indexes => new FakeIndexes();
    public List<StoredDay> Days { get; } = [];
    public List<StoredCounts> Counts { get; } = [];
    public HashSet<EventId> Events { get; } = [];
    public StoreHealth Health { get; set; } = new() { SchemaVersion = 1, Bytes = 0, Events = 0, Parts = [] };

    /// <summary>Every removal asked for.</summary>
    public List<ExpireRequest> Requests { get; } = [];

    /// <summary>Events removed by one step.</summary>
    public long StepEvents { get; set; } = 100;

    public Task PingAsync(CancellationToken cancellationToken) =>
        Failure is null ? Task.CompletedTask : Task.FromException(new StoreException(Failure));

    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        AnswerAsync(() => Events.Contains(id) ? new StoredEvent(id, default, "", default) : null);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => AnswerAsync<IReadOnlyList<StoredDay>>(() => [.. Days]);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => AnswerAsync(() =>
    {
        Requests.Add(request);
        var at = Days.FindIndex(day => day.Day == request.Day);
        if (at < 0)
            return new ExpiredEvents(0, 0, IsComplete: true);
        var day = Days[at];
        var removed = Math.Min(StepEvents, Math.Min(day.Events, request.Events));
        var bytes = day.Bytes * removed / day.Events;
        if (removed == day.Events)
            Days.RemoveAt(at);
        else
            Days[at] = day with { Events = day.Events - removed, Bytes = day.Bytes - bytes };
        return new ExpiredEvents(removed, bytes, removed == day.Events || removed == request.Events);
    });

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => AnswerAsync<IReadOnlyList<StoredCounts>>(() => [.. Counts]);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => AnswerAsync(() => Health);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> AnswerAsync<T>(Func<T> answer) => Failure is null ? Task.FromResult(answer()) : Task.FromException<T>(new StoreException(Failure));

    private sealed class FakeIndexes : ILogIndexStrategy
    {
        public Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<LogIndexDescriptor>>([new("Events_Time", ["timestamp", "id"], "time ranges", 4_096), new("Events_Trace", ["trace_id"], "one trace")]);
    }
}

/// <summary>Dead letters as a list of ordinals by spool id.</summary>
internal sealed class FakeDeadLetters : IDeadLetterIndex, IDeadLetterRetention
{
    public List<DeadLetterCounts> Counts { get; } = [];

    /// <summary>Old files: when last written, and up to which ordinal of the fake spool.</summary>
    public List<(DateTime At, long LastOrdinal)> Files { get; } = [];
    public List<(Guid SpoolId, long Ordinal)> Items { get; } = [];

    public long Count(Guid spoolId, int partition, long fromOrdinal, long toOrdinal) =>
        Items.Count(item => item.SpoolId == spoolId && item.Ordinal >= fromOrdinal && item.Ordinal < toOrdinal);

    public IReadOnlyList<DeadLetterCounts> ReadCounts() => Counts;

    public DeadLetterFiles FindExpired(DateTime before, Func<Guid, int, long> settledOrdinal)
    {
        var old = Files.Count(file => file.At < before && file.LastOrdinal < settledOrdinal(FakeIngestionQueue.SpoolId, 0));
        return new DeadLetterFiles(old, old, old * 100);
    }

    public DeadLetterFiles Expire(DateTime before, Func<Guid, int, long> settledOrdinal)
    {
        var found = FindExpired(before, settledOrdinal);
        Files.RemoveAll(file => file.At < before && file.LastOrdinal < settledOrdinal(FakeIngestionQueue.SpoolId, 0));
        return found;
    }
}
