namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using NpgsqlTypes;

/// <summary>Walks the events in the order in which their appends were committed: runs of ids from table appends, then their rows.</summary>
internal sealed class PostgreSqlReceivedWalk(PostgreSqlSession session, PostgreSqlEvents events, SqlFilterReader filter) : ISqlWalk
{
    private const int RunsAtOnce = 1_000;

    private readonly string _rows =
        $"SELECT r.first_arrival + (e.id - r.first_id), {filter.Columns} FROM unnest(@arrivals, @days, @spools, @firsts, @ends) AS r (first_arrival, day, spool, first_id, end_id) " +
        "JOIN events e ON e.day = r.day AND e.spool = r.spool AND e.id >= r.first_id AND e.id < r.end_id WHERE e.day = ANY (@days) ORDER BY 1";

    private SqlScannedRow _last;

    /// <summary>The walk goes on after this arrival; also past runs whose events are gone.</summary>
    public long Arrival { get; private set; }

    /// <summary>Begins after the plan's cursor or event.</summary>
    public async Task StartAsync(LogQueryPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Cursor is { } cursor)
            Arrival = cursor.Key;
        else if (plan.After is { } id)
            Arrival = (await PostgreSqlRuns.FindAsync(session, id, cancellationToken))?.Arrival ?? 0;
    }

    public async Task<SqlChunk> NextAsync(int rows, CancellationToken cancellationToken)
    {
        var runs = await PostgreSqlRuns.ReadAsync(session, Arrival, RunsAtOnce, cancellationToken);
        var some = Cut(runs, rows);
        if (some.Count == 0)
            return new SqlChunk([], 0, _last, IsExhausted: runs.Count < RunsAtOnce);
        var matches = new List<SqlScannedRow>();
        var scanned = await ReadRowsAsync(some, matches, cancellationToken);
        Arrival = some[^1].LastArrival;
        _last = _last with { Place = Arrival };
        return new SqlChunk(matches, scanned, _last, IsExhausted: runs.Count < RunsAtOnce && runs[^1].LastArrival <= Arrival);
    }

    public Task AddAsync(IReadOnlyList<SqlScannedRow> rows, LogPageBuilder page, CancellationToken cancellationToken) =>
        events.AddAsync(rows, page, cancellationToken);

    // The parts of the runs that lie after the place, as many as hold the rows wanted.
    private List<PostgreSqlRun> Cut(List<PostgreSqlRun> runs, int rows)
    {
        var some = new List<PostgreSqlRun>();
        var left = rows;
        foreach (var run in runs)
        {
            if (left <= 0)
                break;
            if (run.LastArrival <= Arrival)
                continue;
            var part = run.From(Math.Max(run.FirstArrival, Arrival + 1)).Take(left);
            some.Add(part);
            left -= part.Count;
        }

        return some;
    }

    private async Task<int> ReadRowsAsync(List<PostgreSqlRun> runs, List<SqlScannedRow> matches, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(PlannerMode.WalkInOrder, _rows, cancellationToken);
        command.Parameters.AddWithValue("arrivals", NpgsqlDbType.Array | NpgsqlDbType.Bigint, runs.Select(run => run.FirstArrival).ToArray());
        command.Parameters.AddWithValue("days", NpgsqlDbType.Array | NpgsqlDbType.Date, runs.Select(run => run.Day).ToArray());
        command.Parameters.AddWithValue("spools", NpgsqlDbType.Array | NpgsqlDbType.Uuid, runs.Select(run => run.SpoolId).ToArray());
        command.Parameters.AddWithValue("firsts", NpgsqlDbType.Array | NpgsqlDbType.Bigint, runs.Select(run => run.FirstId).ToArray());
        command.Parameters.AddWithValue("ends", NpgsqlDbType.Array | NpgsqlDbType.Bigint, runs.Select(run => run.FirstId + run.Count).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var scanned = 0;
        while (await row.ReadAsync(cancellationToken))
        {
            scanned++;
            _last = filter.Read(row);
            if (filter.Matches(row, _last))
                matches.Add(_last);
        }

        return scanned;
    }
}
