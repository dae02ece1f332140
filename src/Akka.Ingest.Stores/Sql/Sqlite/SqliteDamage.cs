namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Collections.Concurrent;
using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Rows that one query found altered; the first of them are remembered.</summary>
internal sealed class AlteredRows
{
    private const int MaxRemembered = 100;
    private readonly List<long> _arrivals = [];

    public int Count { get; private set; }

    public IReadOnlyList<long> Arrivals => _arrivals;

    public void Add(long arrival)
    {
        Count++;
        if (_arrivals.Count < MaxRemembered)
            _arrivals.Add(arrival);
    }
}

/// <summary>The altered rows that queries came across since the start, with the events that are lost with them.</summary>
internal sealed class SqliteDamage
{
    private const int MaxRemembered = 1_000;
    private readonly ConcurrentDictionary<long, EventId> _events = [];

    /// <summary>Remembers rows and whose they were.</summary>
    /// <returns>Those not known before.</returns>
    public IReadOnlyList<EventId> Add(SqliteSession session, AlteredRows rows)
    {
        var found = new List<EventId>();
        foreach (var arrival in rows.Arrivals)
        {
            if (_events.Count < MaxRemembered && !_events.ContainsKey(arrival) && SqliteLookup.FindId(session, arrival) is { } id && _events.TryAdd(arrival, id))
                found.Add(id);
        }

        return found;
    }

    /// <summary>What is still there and still altered; rows that expired or were put right are forgotten.</summary>
    public IReadOnlyList<StoreDamage> Read(SqliteSession session)
    {
        if (_events.IsEmpty)
            return [];
        var damage = new List<StoreDamage>();
        var altered = new AlteredRows();
        using var reader = new SqliteEventReader(session, SqlitePositions.ReadSpools(session), altered);
        foreach (var (arrival, id) in _events.OrderBy(pair => pair.Key))
        {
            var before = altered.Count;
            if (reader.Read(arrival) is null && altered.Count > before)
            {
                damage.Add(new StoreDamage(
                    string.Create(CultureInfo.InvariantCulture, $"Events, arrival {arrival}"),
                    "The row does not match its checksum.",
                    [new EventIdRange(id.SpoolId, id.Partition, id.Ordinal, 1)]));
            }
            else
            {
                _events.TryRemove(arrival, out _);
            }
        }

        return damage;
    }
}
