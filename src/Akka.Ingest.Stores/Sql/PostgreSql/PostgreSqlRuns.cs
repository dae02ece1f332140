namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;

/// <summary>A row of table appends, or a part of one: events whose ids and arrivals both follow without a gap.</summary>
internal sealed record PostgreSqlRun(long FirstArrival, int Count, DateOnly Day, Guid SpoolId, long FirstId)
{
    public long LastArrival => FirstArrival + Count - 1;

    /// <summary>What of it begins at an arrival inside it.</summary>
    public PostgreSqlRun From(long arrival) => this with
    {
        FirstArrival = arrival,
        FirstId = FirstId + (arrival - FirstArrival),
        Count = (int)(Count - (arrival - FirstArrival)),
    };

    public PostgreSqlRun Take(int count) => this with { Count = Math.Min(Count, count) };
}

/// <summary>Table appends: the way from an arrival or an id to the events.</summary>
internal static class PostgreSqlRuns
{
    private const string ByArrival =
        "SELECT first_arrival, count, day, spool, first_id FROM appends " +
        "WHERE first_arrival >= coalesce((SELECT max(first_arrival) FROM appends WHERE first_arrival <= @after), 0) ORDER BY first_arrival LIMIT @limit";

    private const string ById =
        "SELECT day, first_arrival + (@id - first_id), first_id + count FROM appends WHERE spool = @spool AND first_id <= @id ORDER BY first_id DESC LIMIT 1";

    /// <summary>Runs in the order of arrival, from the one that an arrival lies in.</summary>
    public static async Task<List<PostgreSqlRun>> ReadAsync(PostgreSqlSession session, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(PlannerMode.WalkInOrder, ByArrival, cancellationToken);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("limit", limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<PostgreSqlRun>();
        while (await row.ReadAsync(cancellationToken))
            runs.Add(new PostgreSqlRun(row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<DateOnly>(2), row.GetGuid(3), row.GetInt64(4)));
        return runs;
    }

    /// <summary>Day and arrival of an event; null where the store does not know it.</summary>
    public static async Task<(DateOnly Day, long Arrival)?> FindAsync(PostgreSqlSession session, EventId id, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(PlannerMode.WalkInOrder, ById, cancellationToken);
        command.Parameters.AddWithValue("spool", id.SpoolId);
        command.Parameters.AddWithValue("id", SqlEventId.Pack(id));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) && row.GetInt64(2) > SqlEventId.Pack(id) ? (row.GetFieldValue<DateOnly>(0), row.GetInt64(1)) : null;
    }
}
