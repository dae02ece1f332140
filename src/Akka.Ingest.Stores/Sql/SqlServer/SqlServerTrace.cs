namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>Finds the events of one trace through its index; the matcher decides, for two traces may share a number.</summary>
internal sealed class SqlServerTrace(SqlServerRead read, LogQueryPlan plan, SqlServerMatcher matcher)
{
    /// <summary>A trace of more events than this is found by walking the events in time order instead.</summary>
    public const int MaxEvents = 50_000;

    private readonly long _hash = plan.TraceId is { } trace ? EventRowReader.TraceHashOf(Encoding.UTF8.GetBytes(trace)) : 0;

    /// <summary>False where the plan asks for no trace, or for one too large.</summary>
    public async Task<bool> IsWorthwhileAsync(CancellationToken cancellationToken)
    {
        if (plan.TraceId is null)
            return false;
        var sizes = await read.RowsAsync(SqlServerScanSql.TraceSize, [(long)MaxEvents + 1, _hash], row => row.GetInt32(0), cancellationToken);
        return sizes[0] <= MaxEvents;
    }

    public Task<LogPage> ReadPageAsync(CancellationToken cancellationToken)
    {
        var (statement, values) = Statement();
        return read.QueryAsync(
            statement,
            values,
            async reader =>
            {
                var page = new LogPageBuilder(plan);
                string? next = null;
                long scanned = 0;
                while (next is null && await reader.ReadAsync(cancellationToken))
                {
                    scanned++;
                    if (matcher.Match(reader) is not { } stored)
                        continue;
                    if (page.IsFull)
                        next = page.LastCursor;
                    else
                        page.Add(stored, reader.GetInt64(0));
                }

                return new LogPage(page.Events, next, scanned, [SqlServerIndexStrategy.Trace]);
            },
            cancellationToken);
    }

    public Task VisitAsync(Action<long, Severity> visit, CancellationToken cancellationToken)
    {
        var (statement, values) = Statement();
        return read.QueryAsync(statement, values, reader => VisitAsync(reader, visit, cancellationToken), cancellationToken);
    }

    /// <summary>The statement of the plan and its values.</summary>
    public (SqlServerStatement Statement, object?[] Values) Statement()
    {
        object?[] range = [_hash, plan.FromTicks, plan.ToTicks];
        return plan.Cursor is not { } cursor
            ? (SqlServerScanSql.Trace(plan.Order, fromPlace: false), range)
            : (SqlServerScanSql.Trace(plan.Order, fromPlace: true),
                [.. range, cursor.Key, SqlServerTables.SpoolOf(cursor.Id.SpoolId), (byte)cursor.Id.Partition, cursor.Id.Ordinal]);
    }

    private async Task<bool> VisitAsync(SqlDataReader reader, Action<long, Severity> visit, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            if (matcher.Match(reader) is not null)
                visit(reader.GetInt64(0), (Severity)reader.GetByte(4));
        }

        return true;
    }
}
