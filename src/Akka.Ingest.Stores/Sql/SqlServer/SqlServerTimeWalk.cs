namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Microsoft.Data.SqlClient;

/// <summary>Walks the events in time order, in chunks that each go on exactly after the row before.</summary>
internal sealed class SqlServerTimeWalk(SqlServerRead read, LogQueryPlan plan, SqlServerMatcher matcher) : SqlServerWalk(matcher)
{
    private readonly SqlServerPrefilter _filter = SqlServerPrefilter.Of(plan);
    private readonly string _index = SqlServerIndexStrategy.ChooseByTime(plan);
    private readonly bool _isAscending = plan.Order == LogOrder.Ascending;
    private (long Ticks, EventId Id)? _place = plan.Cursor is { } cursor && IsWithin(plan, cursor) ? (cursor.Key, cursor.Id) : null;

    protected override async Task<bool> ReadAsync(int rows, CancellationToken cancellationToken)
    {
        if (plan.Cursor is { } cursor && IsBehind(plan, cursor))
            return true;
        var (statement, values) = Next(rows);
        var found = await read.QueryAsync(statement, values, reader => ReadRowsAsync(reader, cancellationToken), cancellationToken);
        return found < rows;
    }

    /// <summary>The statement and the values for the next chunk.</summary>
    public (SqlServerStatement Statement, object?[] Values) Next(int rows)
    {
        if (_place is not { } place)
            return (SqlServerScanSql.FromEdge(plan.Order, _index, _filter), [(long)rows, plan.FromTicks, plan.ToTicks, .. _filter.Values(plan)]);
        return (
            SqlServerScanSql.FromPlace(plan.Order, _index, _filter),
            [
                (long)rows, _isAscending ? plan.ToTicks : plan.FromTicks, place.Ticks, SqlServerTables.SpoolOf(place.Id.SpoolId), (byte)place.Id.Partition,
                place.Id.Ordinal, .. _filter.Values(plan),
            ]);
    }

    private async Task<int> ReadRowsAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = 0;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found++;
                Look(reader, reader.GetInt64(0));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));

        if (found > 0)
            _place = (Last.TimestampTicks, Last.Id);
        return found;
    }

    // A cursor of another range: the page begins at this one's edge, or there is nothing after it.
    private static bool IsWithin(LogQueryPlan plan, LogCursor cursor) => cursor.Key >= plan.FromTicks && cursor.Key < plan.ToTicks;

    private static bool IsBehind(LogQueryPlan plan, LogCursor cursor) =>
        plan.Order == LogOrder.Ascending ? cursor.Key >= plan.ToTicks : cursor.Key < plan.FromTicks;
}
