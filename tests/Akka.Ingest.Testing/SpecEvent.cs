namespace Akka.Ingest.Testing;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>An event as a test writes it down.</summary>
public sealed record SpecEvent
{
    public long Ticks { get; init; } = TestEvents.ReceivedAt.Ticks;
    public int FractionDigits { get; init; } = 7;
    public Severity Severity { get; init; } = Severity.Information;

    /// <summary>Field texts; JSON for the JSON fields.</summary>
    public IReadOnlyDictionary<EventField, string> Fields { get; init; } = new Dictionary<EventField, string>();

    public static SpecEvent Of(string message, string? properties = null, Severity severity = Severity.Information, long afterTicks = 0)
    {
        var fields = new Dictionary<EventField, string> { [EventField.Message] = message };
        if (properties is not null)
            fields[EventField.Properties] = properties;
        return new SpecEvent { Fields = fields, Severity = severity, Ticks = TestEvents.ReceivedAt.Ticks + afterTicks };
    }

    public byte[] Encode()
    {
        using var writer = new EventRecordWriter();
        writer.Begin(Ticks, FractionDigits, Severity);
        foreach (var (field, text) in Fields.OrderBy(pair => pair.Key))
            writer.Append(field, Encoding.UTF8.GetBytes(text));
        writer.End();
        return writer.WrittenSpan.ToArray();
    }
}

/// <summary>An event as it was given to a store.</summary>
public sealed record FedEvent(EventId Id, DateTime ReceivedAt, string ApiKeyId, SpecEvent Event)
{
    /// <summary>Place in the order of appends.</summary>
    public int Arrival { get; init; }
}

/// <summary>Writes to a store as delivery does: keeps the positions of one spool and remembers what was written.</summary>
public sealed class StoreFeeder(ILogStore store)
{
    private readonly StoredPosition[] _positions = [.. Enumerable.Repeat(StoredPosition.Start, 64)];
    private readonly List<FedEvent> _fed = [];

    public Guid SpoolId { get; init; } = Guid.NewGuid();

    /// <summary>All that was written, in order.</summary>
    public IReadOnlyList<FedEvent> Fed => _fed;

    public StoredPosition Position(int partition) => _positions[partition];

    /// <summary>Goes on from there: a batch was written by other means than <see cref="AppendAsync"/>.</summary>
    public void MoveTo(int partition, StoredPosition position) => _positions[partition] = position;

    /// <summary>A batch with the events that follow the partition's position.</summary>
    public StoreBatch Batch(int partition, IReadOnlyList<SpecEvent> events, string apiKeyId = "", DateTime? receivedAt = null)
    {
        var expected = _positions[partition];
        var offset = new SpoolOffset(expected.Offset.Sequence + 1, events.Count);
        StoreSlice[] slices = events.Count == 0
            ? []
            : [new StoreSlice(events.SelectMany(item => item.Encode()).ToArray(), events.Count, expected.Ordinal, receivedAt ?? TestEvents.ReceivedAt, apiKeyId)];
        return new StoreBatch
        {
            SpoolId = SpoolId,
            Partition = partition,
            Expected = expected,
            Next = new StoredPosition(offset, expected.Ordinal + events.Count, 0xFEDC_BA98_7654_3210),
            Slices = slices,
        };
    }

    /// <summary>Appends and expects success.</summary>
    public async Task<IReadOnlyList<FedEvent>> AppendAsync(int partition, IReadOnlyList<SpecEvent> events, string apiKeyId = "", DateTime? receivedAt = null)
    {
        var batch = Batch(partition, events, apiKeyId, receivedAt);
        var result = await store.AppendAsync(batch, CancellationToken.None);
        if (result is not StoreAppendResult.Appended)
            throw new InvalidOperationException($"The store answered {result}.");
        _positions[partition] = batch.Next;
        var fed = events.Select((item, index) => new FedEvent(
            new EventId(SpoolId, partition, batch.Expected.Ordinal + index), receivedAt ?? TestEvents.ReceivedAt, apiKeyId, item)
        {
            Arrival = _fed.Count + index,
        }).ToArray();
        _fed.AddRange(fed);
        return fed;
    }
}

/// <summary>Queries as tests ask them.</summary>
public static class StoreQueries
{
    public static LogQueryPlan Plan(LogQueryRequest request) => new LogQueryPlanner().Plan(request) switch
    {
        LogQueryPlanning.Planned planned => planned.Plan,
        LogQueryPlanning.Refused refused => throw new ArgumentException(refused.Error.ToString()),
        _ => throw new InvalidOperationException(),
    };

    public static Task<LogPage> PageAsync(this ILogStore store, LogQueryRequest request) => store.QueryAsync(Plan(request), CancellationToken.None);

    /// <summary>Follows the cursor to the end.</summary>
    public static async Task<List<StoredEvent>> AllPagesAsync(
        this ILogStore store, LogQueryRequest request, Func<LogQueryPlan, LogQueryPlan>? change = null, Func<Task>? between = null)
    {
        var events = new List<StoredEvent>();
        var pages = 0;
        for (var cursor = (string?)null; ;)
        {
            if (++pages > 10_000)
                throw new InvalidOperationException("The cursor does not move on.");
            var plan = Plan(request with { Cursor = cursor });
            var page = await store.QueryAsync(change?.Invoke(plan) ?? plan, CancellationToken.None);
            events.AddRange(page.Events);
            cursor = page.NextCursor;
            if (cursor is null)
                return events;
            if (between is not null)
                await between();
        }
    }
}
