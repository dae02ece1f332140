namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>
/// Walks the time index in the plan's order. The statements ask for the range only; levels and the filter are decided here, on the columns
/// that the filter needs, so every row looked at is counted and the walk can stop and go on anywhere.
/// </summary>
internal sealed class PostgreSqlTimeWalk : ISqlWalk
{
    private readonly PostgreSqlSession _session;
    private readonly PostgreSqlEvents _events;
    private readonly SqlFilterReader _filter;
    private readonly IReadOnlyList<PostgreSqlSegment> _segments;
    private readonly bool _isAscending;
    private readonly string _sql;
    private LogCursor? _place;
    private SqlScannedRow _last;
    private int _at;

    public PostgreSqlTimeWalk(PostgreSqlSession session, PostgreSqlEvents events, SqlFilterReader filter, LogQueryPlan plan, PostgreSqlDayRange days)
    {
        _session = session;
        _events = events;
        _filter = filter;
        _isAscending = plan.Order == LogOrder.Ascending;
        _segments = _isAscending ? days.Segments() : [.. days.Segments().Reverse()];
        _place = plan.Cursor;
        _sql = SqlFor(plan, filter);
    }

    /// <summary>A statement of the walk without its LIMIT.</summary>
    public static string SqlFor(LogQueryPlan plan, SqlFilterReader filter)
    {
        var severe = PostgreSqlIndexStrategy.ByTime(plan) == PostgreSqlIndexStrategy.Severe ? " AND e.level >= 3" : "";
        var (after, direction) = plan.Order == LogOrder.Ascending ? (">", "") : ("<", " DESC");
        return $"SELECT e.timestamp, {filter.Columns} FROM events e WHERE e.day = ANY (@days) AND e.timestamp >= @from AND e.timestamp < @to{severe} " +
            $"AND (e.timestamp, e.spool, e.id) {after} (@ticks, @spool, @id) ORDER BY e.timestamp{direction}, e.spool{direction}, e.id{direction} LIMIT ";
    }

    public async Task<SqlChunk> NextAsync(int rows, CancellationToken cancellationToken)
    {
        var matches = new List<SqlScannedRow>();
        long scanned = 0;
        while (_at < _segments.Count && scanned < rows)
        {
            var wanted = (int)(rows - scanned);
            var found = IsPast(_segments[_at]) ? 0 : await ReadAsync(_segments[_at], wanted, matches, cancellationToken);
            scanned += found;
            if (found < wanted)
                _at++;
        }

        return new SqlChunk(matches, scanned, _last, _at == _segments.Count);
    }

    public Task AddAsync(IReadOnlyList<SqlScannedRow> rows, LogPageBuilder page, CancellationToken cancellationToken) =>
        _events.AddAsync(rows, page, cancellationToken);

    private bool IsPast(in PostgreSqlSegment segment) =>
        _place is { } place && (_isAscending ? place.Key >= segment.To : place.Key < segment.From);

    private async Task<int> ReadAsync(PostgreSqlSegment segment, int limit, List<SqlScannedRow> matches, CancellationToken cancellationToken)
    {
        await using var command = await _session.CommandAsync(PlannerMode.WalkInOrder, _sql + limit.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
        command.Parameters.AddWithValue("days", segment.Days);
        command.Parameters.AddWithValue("from", segment.From);
        command.Parameters.AddWithValue("to", segment.To);
        PostgreSqlPlace.Bind(command, _place ?? PostgreSqlPlace.Before(_isAscending));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = 0;
        while (await row.ReadAsync(cancellationToken))
        {
            found++;
            _last = _filter.Read(row);
            if (_filter.Matches(row, _last))
                matches.Add(_last);
        }

        if (found > 0)
            _place = new LogCursor(LogOrder.Ascending, _last.TimestampTicks, _last.Id);
        return found;
    }
}

/// <summary>A place in time order as parameters.</summary>
internal static class PostgreSqlPlace
{
    /// <summary>Before every event of an order.</summary>
    public static LogCursor Before(bool isAscending) => isAscending
        ? new LogCursor(LogOrder.Ascending, long.MinValue, new Model.EventId(Guid.Empty, 0, 0))
        : new LogCursor(LogOrder.Descending, long.MaxValue, new Model.EventId(Guid.Empty, 0, 0));

    public static void Bind(NpgsqlCommand command, LogCursor place)
    {
        command.Parameters.AddWithValue("ticks", place.Key);
        command.Parameters.AddWithValue("spool", place.Id.SpoolId);
        command.Parameters.AddWithValue("id", SqlEventId.Pack(place.Id));
    }
}
