namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Storage;
using Npgsql;

/// <summary>
/// What an append adds up while it copies, and writes at its end: runs of ids, statistics of days, counts by API key. The arrival row is
/// locked first: from here to the commit appends follow one another, so none of these rows is ever fought over.
/// </summary>
internal sealed class PostgreSqlTally(Guid spoolId)
{
    private readonly List<Run> _runs = [];
    private readonly SortedDictionary<DateOnly, DayTally> _days = [];
    private readonly List<KeyTally> _keys = [];

    public void Add(DateOnly day, long packedId, long timestampTicks, byte[] apiKey)
    {
        if (_runs.Count == 0 || _runs[^1].Day != day || _runs[^1].NextId != packedId)
            _runs.Add(new Run(day, packedId));
        _runs[^1].Count++;
        if (!_days.TryGetValue(day, out var tally))
            _days.Add(day, tally = new DayTally());
        tally.Add(timestampTicks);
        if (_keys.Count == 0 || !ReferenceEquals(_keys[^1].ApiKey, apiKey) || _keys[^1].Day != day)
            _keys.Add(new KeyTally(day, apiKey));
        _keys[^1].Events++;
    }

    /// <exception cref="InvalidOperationException">A row that must be there is not: the transaction must not be committed.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection);
        var expected = new List<(NpgsqlBatchCommand Command, int Rows)>();
        void Add(NpgsqlBatchCommand command, int rows)
        {
            commands.BatchCommands.Add(command);
            expected.Add((command, rows));
        }

        if (_runs.Count > 0)
        {
            Add(MoveArrival(), 1);
            Add(AddRuns(), _runs.Count);
            Add(AddToDays(), _days.Count);
            var keys = _keys.GroupBy(key => (key.Day, Text: Convert.ToHexString(key.ApiKey)))
                .Select(group => new KeyTally(group.Key.Day, group.First().ApiKey) { Events = group.Sum(key => key.Events) }).ToArray();
            Add(AddToCounts(keys), keys.Length);
        }

        Add(PostgreSqlPositions.Move(batch), 1);
        await commands.ExecuteNonQueryAsync(cancellationToken);
        if (expected.Find(item => (int)item.Command.RecordsAffected != item.Rows) is { Command: { } wrong } missing)
            throw new InvalidOperationException($"The store has lost a row of its own: {wrong.RecordsAffected} of {missing.Rows} rows for: {wrong.CommandText}");
    }

    private NpgsqlBatchCommand MoveArrival() => new("UPDATE arrivals SET next = next + $1")
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = _runs.Sum(run => (long)run.Count) } },
    };

    private NpgsqlBatchCommand AddRuns()
    {
        var before = new long[_runs.Count];
        for (var i = 1; i < before.Length; i++)
            before[i] = before[i - 1] + _runs[i - 1].Count;
        var total = before[^1] + _runs[^1].Count;
        return new NpgsqlBatchCommand(
            "INSERT INTO appends (first_arrival, count, day, spool, first_id) SELECT a.next - $1 + r.before, r.count, r.day, $2, r.first_id " +
            "FROM arrivals a, unnest($3, $4, $5, $6) AS r (before, count, day, first_id)")
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = total },
                new NpgsqlParameter<Guid> { TypedValue = spoolId },
                new NpgsqlParameter<long[]> { TypedValue = before },
                new NpgsqlParameter<int[]> { TypedValue = [.. _runs.Select(run => run.Count)] },
                new NpgsqlParameter<DateOnly[]> { TypedValue = [.. _runs.Select(run => run.Day)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. _runs.Select(run => run.FirstId)] },
            },
        };
    }

    private NpgsqlBatchCommand AddToDays() => new(
        "UPDATE days SET events = days.events + d.events, timestamp_min = least(days.timestamp_min, d.low), timestamp_max = greatest(days.timestamp_max, d.high) " +
        "FROM unnest($1, $2, $3, $4) AS d (day, events, low, high) WHERE days.day = d.day")
    {
        Parameters =
        {
            new NpgsqlParameter<DateOnly[]> { TypedValue = [.. _days.Keys] },
            new NpgsqlParameter<long[]> { TypedValue = [.. _days.Values.Select(day => day.Events)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. _days.Values.Select(day => day.Lowest)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. _days.Values.Select(day => day.Highest)] },
        },
    };

    private NpgsqlBatchCommand AddToCounts(KeyTally[] keys) => new(
        "INSERT INTO day_counts (day, spool, api_key, events) SELECT k.day, $1, k.api_key, k.events FROM unnest($2, $3, $4) AS k (day, api_key, events) " +
        "ON CONFLICT (day, spool, api_key) DO UPDATE SET events = day_counts.events + excluded.events")
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = spoolId },
            new NpgsqlParameter<DateOnly[]> { TypedValue = [.. keys.Select(key => key.Day)] },
            new NpgsqlParameter<byte[][]> { TypedValue = [.. keys.Select(key => key.ApiKey)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. keys.Select(key => key.Events)] },
        },
    };

    /// <summary>Events of one day whose ids follow without a gap.</summary>
    private sealed class Run(DateOnly day, long firstId)
    {
        public DateOnly Day { get; } = day;
        public long FirstId { get; } = firstId;
        public int Count { get; set; }
        public long NextId => FirstId + Count;
    }

    private sealed class DayTally
    {
        public long Events { get; private set; }
        public long Lowest { get; private set; } = long.MaxValue;
        public long Highest { get; private set; } = long.MinValue;

        public void Add(long timestampTicks)
        {
            Events++;
            Lowest = Math.Min(Lowest, timestampTicks);
            Highest = Math.Max(Highest, timestampTicks);
        }
    }

    private sealed class KeyTally(DateOnly day, byte[] apiKey)
    {
        public DateOnly Day { get; } = day;
        public byte[] ApiKey { get; } = apiKey;
        public long Events { get; set; }
    }
}
