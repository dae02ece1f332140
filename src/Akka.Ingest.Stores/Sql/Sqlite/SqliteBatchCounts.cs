namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Text;

/// <summary>Counts what one batch adds to each day and API key, and writes it once at the end: a batch has few of them.</summary>
internal sealed class SqliteBatchCounts(SqliteSession session)
{
    private readonly List<Tally> _tallies = [];
    private readonly SqliteStatement _write = session.Prepare(
        """
        INSERT INTO DayCounts (day, spool, api_key, stored, bytes, timestamp_min, timestamp_max, arrival_min, arrival_max)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (day, spool, api_key) DO UPDATE SET
            stored = stored + excluded.stored,
            bytes = bytes + excluded.bytes,
            timestamp_min = min(timestamp_min, excluded.timestamp_min),
            timestamp_max = max(timestamp_max, excluded.timestamp_max),
            arrival_min = min(arrival_min, excluded.arrival_min),
            arrival_max = max(arrival_max, excluded.arrival_max)
        """);

    /// <summary>Forgets a batch that was not finished.</summary>
    public void Begin() => _tallies.Clear();

    /// <summary>The tally for events received at that time with that key.</summary>
    public Tally For(DateTime receivedAt, string apiKeyId)
    {
        var day = SqliteDayCounts.NumberOf(receivedAt);
        foreach (var known in _tallies)
        {
            if (known.Day == day && known.ApiKeyId == apiKeyId)
                return known;
        }

        var tally = new Tally(day, apiKeyId);
        _tallies.Add(tally);
        return tally;
    }

    public void Write(int spoolNumber)
    {
        foreach (var tally in _tallies.Where(tally => tally.Events > 0))
        {
            _write.Bind(1, tally.Day);
            _write.Bind(2, spoolNumber);
            _write.Bind(3, Encoding.UTF8.GetBytes(tally.ApiKeyId));
            _write.Bind(4, tally.Events);
            _write.Bind(5, tally.Bytes);
            _write.Bind(6, tally.TimestampMin);
            _write.Bind(7, tally.TimestampMax);
            _write.Bind(8, tally.ArrivalMin);
            _write.Bind(9, tally.ArrivalMax);
            _write.Execute();
        }
    }

    internal sealed class Tally(long day, string apiKeyId)
    {
        public long Day { get; } = day;
        public string ApiKeyId { get; } = apiKeyId;
        public long Events { get; private set; }
        public long Bytes { get; private set; }
        public long TimestampMin { get; private set; } = long.MaxValue;
        public long TimestampMax { get; private set; } = long.MinValue;
        public long ArrivalMin { get; private set; } = long.MaxValue;
        public long ArrivalMax { get; private set; } = long.MinValue;

        public void Add(long timestamp, long arrival, int recordBytes)
        {
            Events++;
            Bytes += recordBytes;
            TimestampMin = Math.Min(TimestampMin, timestamp);
            TimestampMax = Math.Max(TimestampMax, timestamp);
            ArrivalMin = Math.Min(ArrivalMin, arrival);
            ArrivalMax = Math.Max(ArrivalMax, arrival);
        }
    }
}
