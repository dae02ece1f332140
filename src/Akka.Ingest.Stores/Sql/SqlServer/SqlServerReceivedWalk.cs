namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Microsoft.Data.SqlClient;

/// <summary>Walks the events in the order in which their appends were committed.</summary>
internal sealed class SqlServerReceivedWalk(SqlServerRead read, LogQueryPlan plan, SqlServerMatcher matcher) : SqlServerWalk(matcher)
{
    private readonly SqlServerPrefilter _filter = SqlServerPrefilter.Of(plan);
    private readonly bool _byTime = plan.FromTicks != long.MinValue || plan.ToTicks != long.MaxValue;

    /// <summary>The walk goes on after this arrival; also past appends whose events are gone.</summary>
    public long Arrival { get; private set; }

    /// <summary>Begins after the plan's cursor or event; at the oldest where the event is not held any more.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (plan.Cursor is { } cursor)
            Arrival = cursor.Key;
        else if (plan.After is { } id)
            Arrival = await FindArrivalAsync(id, cancellationToken);
    }

    /// <summary>The statement and the values for the next chunk.</summary>
    public (SqlServerStatement Statement, object?[] Values) Next(int rows)
    {
        object?[] time = _byTime ? [plan.FromTicks, plan.ToTicks] : [];
        return (SqlServerScanSql.Received(_byTime, _filter), [(long)rows, Arrival, .. time, .. _filter.Values(plan)]);
    }

    protected override Task<bool> ReadAsync(int rows, CancellationToken cancellationToken)
    {
        var (statement, values) = Next(rows);
        return read.QueryAsync(statement, values, reader => ReadRowsAsync(reader, rows, cancellationToken), cancellationToken);
    }

    private async Task<bool> ReadRowsAsync(SqlDataReader reader, int rows, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken) || await reader.IsDBNullAsync(0, cancellationToken))
            return true;
        var through = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var found = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            found++;
            Look(reader, reader.GetInt64(SqlServerScanSql.ArrivalColumn));
        }

        // A chunk that is not full has seen all of its appends.
        Arrival = found < rows ? through : Last.Place;
        Last = Last with { Place = Arrival };
        return false;
    }

    private async Task<long> FindArrivalAsync(EventId id, CancellationToken cancellationToken)
    {
        var appends = await read.RowsAsync(
            SqlServerReadSql.FindAppend,
            [SqlServerTables.SpoolOf(id.SpoolId), (byte)id.Partition, id.Ordinal],
            row => (LastArrival: row.GetInt64(0), LastOrdinal: row.GetInt64(1), Count: row.GetInt32(2)),
            cancellationToken);
        return appends is [var append] && id.Ordinal > append.LastOrdinal - append.Count ? append.LastArrival - (append.LastOrdinal - id.Ordinal) : 0;
    }
}
