namespace Akka.Ingest.Storage;

using Akka.Ingest.Query;

/// <summary>The events of a page while it fills; the same limits for every provider.</summary>
public sealed class LogPageBuilder(LogQueryPlan plan)
{
    private readonly List<StoredEvent> _events = [];
    private long _lastKey;
    private long _bytes;

    public IReadOnlyList<StoredEvent> Events => _events;

    public bool IsFull => _events.Count >= plan.Limit || _bytes >= plan.MaxPageBytes;

    /// <summary>Continues after the last event added.</summary>
    public string LastCursor => new LogCursor(plan.Order, _lastKey, _events[^1].Id).ToString();

    /// <param name="stored">The next match in the plan's order.</param>
    /// <param name="key">Its timestamp ticks, or with <see cref="LogOrder.Received"/> its arrival number.</param>
    public void Add(StoredEvent stored, long key)
    {
        _events.Add(stored);
        _lastKey = key;
        _bytes += stored.Record.Length;
    }
}
