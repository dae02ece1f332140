namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>The events of a page while it fills.</summary>
internal sealed class SqlitePage(LogQueryPlan plan)
{
    private readonly List<StoredEvent> _events = [];
    private ScannedRow _last;
    private long _bytes;

    public IReadOnlyList<StoredEvent> Events => _events;

    public bool IsFull => _events.Count >= plan.Limit || _bytes >= plan.MaxPageBytes;

    /// <summary>Continues after the last event added.</summary>
    public string LastCursor =>
        new LogCursor(plan.Order, plan.Order == LogOrder.Received ? _last.Arrival : _last.TimestampTicks, _events[^1].Id).ToString();

    public void Add(StoredEvent stored, in ScannedRow row)
    {
        _events.Add(stored);
        _last = row;
        _bytes += stored.Record.Length;
    }
}
