namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Data.Common;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Npgsql;
using NpgsqlTypes;

/// <summary>Whole events by what identifies their rows.</summary>
internal sealed class PostgreSqlEvents(PostgreSqlSession session) : IDisposable
{
    private const int RowsAtOnce = 250;
    private static readonly int PlaceColumn = SqlColumns.WholeEvent.Count(letter => letter == ',') + 1;
    private static readonly string ByRow =
        $"SELECT {SqlColumns.WholeEvent}, k.n FROM unnest(@days, @spools, @ids) WITH ORDINALITY AS k (day, spool, id, n) " +
        "JOIN events e ON e.day = k.day AND e.spool = k.spool AND e.id = k.id WHERE e.day = ANY (@days) ORDER BY k.n";
    private static readonly string ById = $"SELECT {SqlColumns.WholeEvent} FROM events e WHERE e.day = @day AND e.spool = @spool AND e.id = @id";

    private readonly SqlEventReader _reader = new(ReadSpool);

    /// <summary>Events that are not what was written; never served.</summary>
    public List<EventId> Altered { get; } = [];

    public static Guid ReadSpool(DbDataReader row, int column) => row.GetGuid(column);

    /// <summary>Adds the events of these rows to the page, in order, until it is full.</summary>
    public async Task AddAsync(IReadOnlyList<SqlScannedRow> rows, LogPageBuilder page, CancellationToken cancellationToken)
    {
        // What is left of a statement is read to its end: large events should not come a thousand at a time.
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            if (page.IsFull)
                return;
            await using var command = await session.CommandAsync(PlannerMode.WalkInOrder, ByRow, cancellationToken);
            command.Parameters.AddWithValue("days", NpgsqlDbType.Array | NpgsqlDbType.Date, some.Select(row => row.Day).ToArray());
            command.Parameters.AddWithValue("spools", NpgsqlDbType.Array | NpgsqlDbType.Uuid, some.Select(row => row.SpoolId).ToArray());
            command.Parameters.AddWithValue("ids", NpgsqlDbType.Array | NpgsqlDbType.Bigint, some.Select(row => row.PackedId).ToArray());
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (!page.IsFull && await row.ReadAsync(cancellationToken))
            {
                if (Read(row) is { } stored)
                    page.Add(stored, some[(int)row.GetInt64(PlaceColumn) - 1].Place);
            }
        }
    }

    /// <summary>One event, or null.</summary>
    public async Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken)
    {
        if (await PostgreSqlRuns.FindAsync(session, id, cancellationToken) is not { } found)
            return null;
        await using var command = await session.CommandAsync(PlannerMode.WalkInOrder, ById, cancellationToken);
        command.Parameters.AddWithValue("day", found.Day);
        command.Parameters.AddWithValue("spool", id.SpoolId);
        command.Parameters.AddWithValue("id", SqlEventId.Pack(id));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    public void Dispose() => _reader.Dispose();

    private StoredEvent? Read(NpgsqlDataReader row)
    {
        var stored = _reader.Read(row, out var id);
        if (stored is null)
            Altered.Add(id);
        return stored;
    }
}
