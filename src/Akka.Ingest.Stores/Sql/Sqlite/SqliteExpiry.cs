namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Storage;

/// <summary>
/// Removes the oldest events of a day inside a transaction that the caller began. Days overlap a little in the order of arrival, so
/// the rows between a day's first and last arrival are looked at, and those of other days stay.
/// </summary>
internal sealed class SqliteExpiry(SqliteSession session)
{
    /// <summary>Rows with their places in the indexes that writers are held up for.</summary>
    private const int StepEvents = 2_000;
    private const int StepRows = 20_000;
    private const long StepBytes = 8L * 1024 * 1024;

    private readonly SqliteStatement _window = session.Prepare(
        "SELECT min(arrival_min), max(arrival_max), sum(stored), sum(bytes) FROM DayCounts WHERE day = ?");
    private readonly SqliteStatement _rows = session.Prepare(
        "SELECT arrival, id, received, coalesce(api_key, '') FROM Events WHERE arrival BETWEEN ? AND ? ORDER BY arrival");
    private readonly SqliteStatement _delete = session.Prepare("DELETE FROM Events WHERE arrival BETWEEN ? AND ?");
    private readonly SqliteExpiryCounts _counts = new(session);
    private readonly SqliteAppendsTrim _appends = new(session);

    public ExpiredEvents Remove(ExpireRequest request)
    {
        var day = SqliteDayCounts.NumberOf(request.Day);
        if (ReadWindow(day) is not { } window)
            return new ExpiredEvents(0, 0, IsComplete: true);
        var perEvent = Math.Max(1, window.Bytes / Math.Max(1, window.Events));
        var target = Math.Min(request.Events, Math.Clamp(StepBytes / perEvent, 1, StepEvents));
        var step = Collect(day, window, target);
        foreach (var (first, last) in step.Arrivals)
        {
            _delete.Bind(1, first);
            _delete.Bind(2, last);
            _delete.Execute();
        }

        _appends.Trim(step.LastIds);
        _counts.Move(day, step.NextArrival, isDayOver: step.NextArrival > window.LastArrival);
        return new ExpiredEvents(
            step.Events, step.Events * perEvent, step.NextArrival > window.LastArrival || (!request.IsWholeDay && step.Events >= request.Events));
    }

    private (long FirstArrival, long LastArrival, long Events, long Bytes)? ReadWindow(long day)
    {
        _window.Bind(1, day);
        try
        {
            return _window.Step() && !_window.IsNull(0) ? (_window.Int64(0), _window.Int64(1), _window.Int64(2), _window.Int64(3)) : null;
        }
        finally
        {
            _window.Reset();
        }
    }

    private Step Collect(long day, (long FirstArrival, long LastArrival, long Events, long Bytes) window, long target)
    {
        var step = new Step { NextArrival = window.LastArrival + 1 };
        _counts.Begin();
        _rows.Bind(1, window.FirstArrival);
        _rows.Bind(2, window.LastArrival);
        try
        {
            for (var looked = 0; _rows.Step(); looked++)
            {
                var arrival = _rows.Int64(0);
                if (step.Events >= target || looked >= StepRows)
                {
                    step.NextArrival = arrival;
                    break;
                }

                if (_rows.Int64(2) / TimeSpan.TicksPerDay != day)
                    continue;
                step.Add(arrival, _rows.Int64(1));
                _counts.Add(PackedId.SpoolNumber(_rows.Int64(1)), _rows.Bytes(3));
            }
        }
        finally
        {
            _rows.Reset();
        }

        return step;
    }

    /// <summary>What one step removes.</summary>
    private sealed class Step
    {
        public long Events { get; private set; }

        /// <summary>No row of the day lies before it after this step.</summary>
        public long NextArrival { get; set; }

        public List<(long First, long Last)> Arrivals { get; } = [];

        /// <summary>The last id of each run in which ids follow each other as arrivals do.</summary>
        public List<long> LastIds { get; } = [];

        public void Add(long arrival, long packedId)
        {
            Events++;
            if (Arrivals.Count > 0 && Arrivals[^1].Last == arrival - 1)
            {
                Arrivals[^1] = (Arrivals[^1].First, arrival);
                if (LastIds[^1] == packedId - 1)
                {
                    LastIds[^1] = packedId;
                    return;
                }
            }
            else
            {
                Arrivals.Add((arrival, arrival));
            }

            LastIds.Add(packedId);
        }
    }
}
