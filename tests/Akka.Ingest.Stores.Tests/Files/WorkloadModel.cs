namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>What a store must, may and must not hold after a workload, in plain lists.</summary>
internal sealed class WorkloadModel
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, StoredPosition> _acknowledged = [];
    private readonly List<(StoreBatch Batch, StoredEvent[] Events)> _inFlight = [];
    private readonly List<StoredEvent> _written = [];
    private readonly HashSet<EventId> _mayBeGone = [];
    private readonly HashSet<EventId> _gone = [];

    /// <summary>Events that the store said it has, and that nothing removed since.</summary>
    public IReadOnlyList<StoredEvent> Held => [.. _written.Where(item => !_gone.Contains(item.Id))];

    public IReadOnlyDictionary<int, StoredPosition> Positions => _acknowledged;

    public void Offer(StoreBatch batch, StoredEvent[] events)
    {
        lock (_lock)
            _inFlight.Add((batch, events));
    }

    public void Acknowledge(StoreBatch batch)
    {
        lock (_lock)
        {
            var at = _inFlight.FindIndex(item => item.Batch == batch);
            _written.AddRange(_inFlight[at].Events);
            _inFlight.RemoveAt(at);
            _acknowledged[batch.Partition] = batch.Next;
        }
    }

    public void MayExpire(DateOnly day) => _mayBeGone.UnionWith(_written.Where(item => StoredDay.Of(item.ReceivedAt) == day).Select(item => item.Id));

    public void Expired(DateOnly day) => _gone.UnionWith(_written.Where(item => StoredDay.Of(item.ReceivedAt) == day).Select(item => item.Id));

    /// <summary>Checks an open store; settles first what was in flight when the workload ended, by what the position says.</summary>
    public async Task CheckAsync(ILogStore store, Guid spoolId)
    {
        foreach (var (batch, events) in _inFlight.ToArray())
        {
            if (await store.ReadPositionAsync(spoolId, batch.Partition, CancellationToken.None) == batch.Next)
                Acknowledge(batch);
        }

        foreach (var (partition, position) in _acknowledged)
            Assert.Equal(position, await store.ReadPositionAsync(spoolId, partition, CancellationToken.None));
        foreach (var partition in _inFlight.Select(item => item.Batch.Partition).Where(partition => !_acknowledged.ContainsKey(partition)))
            Assert.Equal(StoredPosition.Start, await store.ReadPositionAsync(spoolId, partition, CancellationToken.None) ?? StoredPosition.Start);

        var seen = await SeeAsync(store);
        var missing = _written.Select(item => item.Id).Where(id => !seen.Contains(id)).ToArray();
        Assert.Empty(missing.Except(_mayBeGone));
        Assert.Empty(_gone.Intersect(seen));
        await CheckCountsAsync(store, seen);
        Assert.Empty((await store.ReadHealthAsync(CancellationToken.None)).Damage);
        _inFlight.Clear();
    }

    /// <summary>Every order, find and count give the same events, each once and as written.</summary>
    public async Task<HashSet<EventId>> SeeAsync(ILogStore store, int limit = 9)
    {
        var written = _written.ToDictionary(item => item.Id);
        HashSet<EventId>? seen = null;
        foreach (var order in Enum.GetValues<LogOrder>())
        {
            var found = await store.AllPagesAsync(new LogQueryRequest { Order = order, Limit = limit });
            foreach (var item in found)
            {
                var expected = Assert.Contains(item.Id, (IReadOnlyDictionary<EventId, StoredEvent>)written);
                Assert.True(expected.Record.Span.SequenceEqual(item.Record.Span), "A record is not what was written.");
                Assert.Equal((expected.ReceivedAt, expected.ApiKeyId), (item.ReceivedAt, item.ApiKeyId));
            }

            var ids = found.Select(item => item.Id).ToHashSet();
            Assert.Equal(found.Count, ids.Count);
            seen ??= ids;
            Assert.Equal(seen.Order(ById), ids.Order(ById));
        }

        foreach (var (id, found) in await Task.WhenAll(written.Keys.Select(async id => (id, await store.FindAsync(id, CancellationToken.None)))))
        {
            Assert.Equal(seen!.Contains(id), found is not null);
            Assert.True(found is null || found.Record.Span.SequenceEqual(written[id].Record.Span), "A record that was found is not what was written.");
        }

        Assert.Equal(seen!.Count, await store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        var histogram = await store.HistogramAsync(new LogQueryPlan(), 5, CancellationToken.None);
        Assert.Equal(seen.Count, histogram.Buckets.Sum(bucket => bucket.BySeverity.Sum()));
        return seen;
    }

    public static readonly IComparer<EventId> ById = Comparer<EventId>.Create((left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private async Task CheckCountsAsync(ILogStore store, HashSet<EventId> seen)
    {
        var counts = await store.ReadCountsAsync(CancellationToken.None);
        var expected = _written.GroupBy(item => item.ApiKeyId).Select(group =>
        {
            var stored = group.LongCount(item => seen.Contains(item.Id));
            return (group.Key, stored, group.Count() - stored);
        });
        Assert.Equal(expected.Order(), counts.Where(count => count.Stored + count.Expired > 0).Select(count => (count.ApiKeyId, count.Stored, count.Expired)).Order());
        var days = await store.ReadDaysAsync(CancellationToken.None);
        var held = _written.Where(item => seen.Contains(item.Id)).GroupBy(item => StoredDay.Of(item.ReceivedAt));
        Assert.Equal(held.Select(day => (day.Key, (long)day.Count())).Order(), days.Select(day => (day.Day, day.Events)).Order());
    }
}
