namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Npgsql;

/// <summary>Counts and visits matches in no order: the database asks what it can, the filter the rest.</summary>
internal sealed class PostgreSqlScan(PostgreSqlSession session, LogQueryPlan plan, SqlFilterReader filter)
{
    private PostgreSqlConditions? _conditions;

    public PostgreSqlDayRange Days { get; private set; } = null!;

    /// <summary>True when the database can count; <see cref="VisitAsync"/> then visits only what it left out.</summary>
    public bool IsExact => Conditions.IsExact;

    private PostgreSqlConditions Conditions => _conditions ?? throw new InvalidOperationException("The scan is not open.");

    /// <returns>False when no event is in the plan's time range.</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        Days = await PostgreSqlDayRange.ReadAsync(session, plan.FromTicks, plan.ToTicks, cancellationToken);
        _conditions = new PostgreSqlConditions(plan, Days.HasText);
        return !Days.IsEmpty;
    }

    /// <summary>Timestamp of the first event of the plan's time range in ascending (or descending) order; null where there is none.</summary>
    public async Task<long?> EdgeAsync(string direction, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(
            PlannerMode.Free,
            $"SELECT timestamp FROM events WHERE day = ANY (@days) AND timestamp >= @from AND timestamp < @to ORDER BY timestamp{direction} LIMIT 1",
            cancellationToken);
        command.Parameters.AddWithValue("days", Days.Dates);
        command.Parameters.AddWithValue("from", plan.FromTicks);
        command.Parameters.AddWithValue("to", plan.ToTicks);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Matches that are not opaque. Where all events of a day match, its statistics know how many there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var isAll = filter.IsTrue && plan.Levels.IsAll;
        var known = Days.Days.Where(day => isAll && day.Lowest >= plan.FromTicks && day.Highest < plan.ToTicks).ToArray();
        var count = known.Sum(day => day.Events);
        DateOnly[] others = [.. Days.Days.Except(known).Select(day => day.Day)];
        if (others.Length == 0)
            return count;
        await using var command = await CommandAsync("SELECT count(*)", NotOpaque, others, "", cancellationToken);
        return count + (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The same by time and level.</summary>
    public async Task CountAsync(HistogramBuckets buckets, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(
            "SELECT width_bucket(e.timestamp, @bounds), e.level, count(*)", NotOpaque, Days.Dates, " GROUP BY 1, 2", cancellationToken);
        command.Parameters.AddWithValue("bounds", buckets.Bounds.ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            buckets.Add(row.GetInt32(0) - 1, (Severity)row.GetInt16(1), row.GetInt64(2));
    }

    /// <summary>Shows every match; where the database has counted, only those that it could not judge.</summary>
    public async Task VisitAsync(Action<SqlScannedRow> visit, CancellationToken cancellationToken)
    {
        if (IsExact && !Conditions.LetsOpaqueThrough)
            return;
        await using var command = await CommandAsync(
            $"SELECT e.timestamp, {filter.Columns}", IsExact ? " AND e.opaque" : "", Days.Dates, "", cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var scanned = filter.Read(row);
            if (filter.Matches(row, scanned))
                visit(scanned);
        }
    }

    private string NotOpaque => Conditions.LetsOpaqueThrough ? " AND NOT e.opaque" : "";

    private async Task<NpgsqlCommand> CommandAsync(string select, string condition, DateOnly[] days, string end, CancellationToken cancellationToken)
    {
        var severe = PostgreSqlIndexStrategy.ByTime(plan) == PostgreSqlIndexStrategy.Severe ? " AND e.level >= 3" : "";
        var levels = plan.Levels.IsAll ? "" : $" AND e.level IN ({string.Join(", ", plan.Levels.Severities.Select(level => (int)level))})";
        var command = await session.CommandAsync(
            PlannerMode.Free,
            $"{select} FROM events e WHERE e.day = ANY (@days) AND e.timestamp >= @from AND e.timestamp < @to{severe}{levels}{Conditions.Sql}{condition}{end}",
            cancellationToken);
        command.Parameters.AddWithValue("days", days);
        command.Parameters.AddWithValue("from", plan.FromTicks);
        command.Parameters.AddWithValue("to", plan.ToTicks);
        Conditions.Bind(command);
        return command;
    }
}
