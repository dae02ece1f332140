namespace Akka.Ingest.Testing;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>
/// The smallest store that keeps the promises of <see cref="ILogStore.AppendAsync"/>; it also checks what it is given and
/// throws when a writer breaks the contract. Queries are not supported.
/// </summary>
public sealed class InMemoryLogStore : ILogStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid SpoolId, int Partition), StoredPosition> _positions = [];
    private readonly Dictionary<(Guid SpoolId, int Partition), List<StoredEvent>> _events = [];

    public string Provider => "InMemory";

    public ILogIndexStrategy Indexes => throw new NotSupportedException();

    /// <summary>Appends that wrote something or moved the position.</summary>
    public int Commits { get; private set; }

    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        Task.FromResult(Position(spoolId, partition));

    public StoredPosition? Position(Guid spoolId, int partition)
    {
        lock (_lock)
            return _positions.TryGetValue((spoolId, partition), out var position) ? position : null;
    }

    /// <summary>What is stored of a partition, in the order of writing.</summary>
    public IReadOnlyList<StoredEvent> Events(Guid spoolId, int partition)
    {
        lock (_lock)
            return [.. _events.GetValueOrDefault((spoolId, partition)) ?? []];
    }

    /// <summary>Puts the position somewhere else, as a restored backup or another writer would.</summary>
    public void SetPosition(Guid spoolId, int partition, StoredPosition position)
    {
        lock (_lock)
            _positions[(spoolId, partition)] = position;
    }

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var key = (batch.SpoolId, batch.Partition);
            StoredPosition? actual = _positions.TryGetValue(key, out var known) ? known : null;
            if ((actual ?? StoredPosition.Start) != batch.Expected)
                return Task.FromResult<StoreAppendResult>(new StoreAppendResult.OffsetMismatch(actual));
            var events = Unpack(batch);
            if (!_events.TryGetValue(key, out var stored))
                _events.Add(key, stored = []);
            stored.AddRange(events);
            _positions[key] = batch.Next;
            Commits++;
            return Task.FromResult<StoreAppendResult>(StoreAppendResult.Appended.Instance);
        }
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        Task.FromResult(Events(id.SpoolId, id.Partition).FirstOrDefault(stored => stored.Id == id));

    public Task PingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static List<StoredEvent> Unpack(StoreBatch batch)
    {
        Check(batch.Next.Offset >= batch.Expected.Offset && batch.Next.Ordinal >= batch.Expected.Ordinal, "The position goes back.");
        var events = new List<StoredEvent>();
        var next = batch.Expected.Ordinal;
        foreach (var slice in batch.Slices)
        {
            Check(slice.FirstOrdinal >= next, "Ordinals go back.");
            var records = slice.Records;
            for (var i = 0; i < slice.Count; i++)
            {
                var record = EventRecord.Read(records.Span);
                Check(!record.IsRejected, "A rejected event is offered to the store.");
                // The writer takes the memory back after the append, so a store copies.
                events.Add(new StoredEvent(
                    new EventId(batch.SpoolId, batch.Partition, slice.FirstOrdinal + i), slice.ReceivedAt, slice.ApiKeyId, record.Bytes.ToArray()));
                records = records[record.Bytes.Length..];
            }

            Check(records.IsEmpty, "A slice holds more records than it says.");
            next = slice.FirstOrdinal + slice.Count;
        }

        Check(next <= batch.Next.Ordinal, "Events lie behind the new position.");
        return events;
    }

    private static void Check(bool isTrue, string message)
    {
        if (!isTrue)
            throw new InvalidOperationException(message);
    }
}
