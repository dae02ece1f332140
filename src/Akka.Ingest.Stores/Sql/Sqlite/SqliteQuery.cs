namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Runs one plan on one connection, in one read transaction, so that everything it reads is of one moment.</summary>
internal sealed class SqliteQuery : IDisposable
{
    /// <summary>How far a full page looks for one more match before it says that there may be a next page.</summary>
    private const int MaxLookahead = 10_000;

    private readonly SqliteSession _session;
    private readonly LogQueryPlan _plan;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<int, Guid> _spools;
    private readonly SqliteEventReader _reader;

    public SqliteQuery(SqliteSession session, LogQueryPlan plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        _session = session;
        _plan = plan;
        _clock = clock;
        _cancellationToken = cancellationToken;
        _session.Prepare("BEGIN").Execute();
        _spools = SqlitePositions.ReadSpools(session);
        _reader = new SqliteEventReader(session, _spools, Altered);
    }

    /// <summary>Rows found altered, and not served.</summary>
    public AlteredRows Altered { get; } = new();

    public LogPage ReadPage()
    {
        if (_plan.IsEmpty)
            return new LogPage([], null, 0, []);
        if (SqliteIndexStrategy.Choose(_plan) == SqliteIndexStrategy.Trace && SqliteTraceScan.Find(_session, _spools, _plan) is { } rows)
            return ReadTracePage(rows);
        return ReadScannedPage();
    }

    public long Count()
    {
        if (_plan.IsEmpty)
            return 0;
        if (_plan.Residual is FilterNode.Constant)
            return CountInIndex();
        long count = 0;
        VisitAll(_ => count++);
        return count;
    }

    public LogHistogram Histogram(int bucketCount)
    {
        if (_plan.IsEmpty || FindRange() is not { } range)
            return new LogHistogram([]);
        var buckets = new HistogramBuckets(range.From, range.To, bucketCount);
        VisitAll(row => buckets.Add(row.TimestampTicks, row.Severity));
        return buckets.ToHistogram();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _session.Prepare("COMMIT").Execute();
    }

    private LogPage ReadScannedPage()
    {
        var scan = new SqliteScan(_session, _spools, _plan, Altered);
        var page = new LogPageBuilder(_plan);
        var start = _plan.Order == LogOrder.Received ? FindStart() : 0;
        var began = _clock.GetTimestamp();
        var fullAt = 0L;
        var end = scan.Run(
            row =>
            {
                if (page.IsFull || _reader.Read(row.Arrival) is not { } stored)
                    return !page.IsFull;
                page.Add(stored, KeyOf(row));
                fullAt = scan.Scanned;
                return true;
            },
            scanned => (page.IsFull && scanned - fullAt >= MaxLookahead) || scanned >= _plan.MaxScannedEvents
                || (_clock.GetElapsedTime(began) > _plan.MaxDuration) || _cancellationToken.IsCancellationRequested,
            start);
        _cancellationToken.ThrowIfCancellationRequested();

        var next = end switch
        {
            ScanEnd.Stopped => page.LastCursor,
            ScanEnd.OutOfBudget => CursorAt(scan.Last),
            _ => null,
        };
        string? follow = null;
        if (_plan.Order == LogOrder.Received)
            follow = next ?? new LogCursor(LogOrder.Received, Math.Max(start, scan.Last.Arrival), default).ToString();
        return new LogPage(page.Events, next, scan.Scanned, [IndexOfScan()], follow);
    }

    private LogPage ReadTracePage(List<ScannedRow> rows)
    {
        var page = new LogPageBuilder(_plan);
        string? next = null;
        foreach (var row in rows.Where(Matches))
        {
            if (page.IsFull)
            {
                next = page.LastCursor;
                break;
            }

            page.Add(_lastMatch!, KeyOf(row));
        }

        return new LogPage(page.Events, next, rows.Count, [SqliteIndexStrategy.Trace]);
    }

    private long KeyOf(in ScannedRow row) => _plan.Order == LogOrder.Received ? row.Arrival : row.TimestampTicks;

    private StoredEvent? _lastMatch;
    private EventFilter? _filter;

    // The whole event decides: a trace has few.
    private bool Matches(ScannedRow row)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _lastMatch = _reader.Read(row.Arrival);
        if (_lastMatch is null)
            return false;
        _filter ??= _plan.CreateFilter();
        var apiKey = System.Text.Encoding.UTF8.GetBytes(_lastMatch.ApiKeyId);
        return _filter.Matches(EventRecord.Read(_lastMatch.Record.Span), new EventOrigin(_lastMatch.Id, _lastMatch.ReceivedAt.Ticks, apiKey));
    }

    private void VisitAll(Action<ScannedRow> visit)
    {
        // Order and place of a page mean nothing to a count.
        var plan = _plan with { Order = LogOrder.Ascending, Cursor = null };
        if (SqliteIndexStrategy.Choose(plan) == SqliteIndexStrategy.Trace && SqliteTraceScan.Find(_session, _spools, plan) is { } rows)
        {
            foreach (var row in rows.Where(Matches))
                visit(row);
            return;
        }

        var scan = new SqliteScan(_session, _spools, plan, Altered, inOrder: false);
        scan.Run(
            row =>
            {
                visit(row);
                return true;
            },
            _ =>
            {
                _cancellationToken.ThrowIfCancellationRequested();
                return false;
            });
    }

    private long CountInIndex()
    {
        var index = SqliteIndexStrategy.ChooseByTime(_plan);
        var severe = index == SqliteIndexStrategy.Severe ? string.Create(CultureInfo.InvariantCulture, $" AND level >= {(int)Severity.Warning}") : "";
        var levels = _plan.Levels.IsAll ? "" : " AND ((? >> level) & 1)";
        var statement = _session.Prepare($"SELECT count(*) FROM Events INDEXED BY {index} WHERE timestamp >= ? AND timestamp < ?{severe}{levels}");
        statement.Bind(1, _plan.FromTicks);
        statement.Bind(2, _plan.ToTicks);
        if (!_plan.Levels.IsAll)
            statement.Bind(3, _plan.Levels.Bits);
        try
        {
            return statement.Step() ? statement.Int64(0) : 0;
        }
        finally
        {
            statement.Reset();
        }
    }

    // An open end is closed by the earliest or latest event.
    private (long From, long To)? FindRange()
    {
        var from = _plan.FromTicks == long.MinValue ? EdgeOf("") : _plan.FromTicks;
        var to = _plan.ToTicks == long.MaxValue ? EdgeOf(" DESC") + 1 : _plan.ToTicks;
        return from is { } first && to is { } last && first < last ? (first, last) : null;
    }

    private long? EdgeOf(string direction)
    {
        var statement = _session.Prepare(
            $"SELECT timestamp FROM Events INDEXED BY Events_Time WHERE timestamp >= ? AND timestamp < ? ORDER BY timestamp{direction} LIMIT 1");
        statement.Bind(1, _plan.FromTicks);
        statement.Bind(2, _plan.ToTicks);
        try
        {
            return statement.Step() ? statement.Int64(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    private long FindStart()
    {
        if (_plan.Cursor is { } cursor)
            return cursor.Key;
        return _plan.After is { } id && SqliteLookup.FindArrival(_session, id) is { } arrival && SqliteLookup.IsThere(_session, arrival) ? arrival : 0;
    }

    private string IndexOfScan() =>
        _plan.Order == LogOrder.Received ? SqliteIndexStrategy.Arrival : SqliteIndexStrategy.ChooseByTime(_plan);

    private string CursorAt(in ScannedRow row) => _plan.Order == LogOrder.Received
        ? new LogCursor(LogOrder.Received, row.Arrival, default).ToString()
        : new LogCursor(_plan.Order, row.TimestampTicks, PackedId.Unpack(row.PackedId, _spools[PackedId.SpoolNumber(row.PackedId)])).ToString();
}
