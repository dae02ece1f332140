namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>Table positions.</summary>
internal static class PostgreSqlPositions
{
    /// <summary>
    /// Reads the position and keeps other writers of the partition out until the transaction ends. A partition's first write makes the
    /// row first, so that there is one to lock.
    /// </summary>
    /// <returns>Null where there is no row.</returns>
    public static async Task<StoredPosition?> LockAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection);
        if (batch.Expected == StoredPosition.Start)
        {
            commands.BatchCommands.Add(Command(
                "INSERT INTO positions (spool, partition, sequence, idx, ordinal, checksum) VALUES ($1, $2, 0, 0, 0, 0) ON CONFLICT DO NOTHING", batch.SpoolId, batch.Partition));
        }

        commands.BatchCommands.Add(Command("SELECT sequence, idx, ordinal, checksum FROM positions WHERE spool = $1 AND partition = $2 FOR UPDATE", batch.SpoolId, batch.Partition));
        await using var row = await commands.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Position(row) : null;
    }

    /// <summary>The position of a partition; the start where its spool is known, null where it is not.</summary>
    public static async Task<StoredPosition?> ReadAsync(NpgsqlConnection connection, Guid spoolId, int partition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT sequence, idx, ordinal, checksum, partition FROM positions WHERE spool = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = spoolId });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        StoredPosition? position = null;
        while (await row.ReadAsync(cancellationToken))
        {
            position ??= StoredPosition.Start;
            if (row.GetInt16(4) == partition)
                position = Position(row);
        }

        return position;
    }

    public static NpgsqlBatchCommand Move(StoreBatch batch)
    {
        var command = Command("UPDATE positions SET sequence = $3, idx = $4, ordinal = $5, checksum = $6 WHERE spool = $1 AND partition = $2", batch.SpoolId, batch.Partition);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch.Next.Offset.Sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = batch.Next.Offset.Index });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch.Next.Ordinal });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = unchecked((long)batch.Next.EntryChecksum) });
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, Guid spoolId, int partition) => new(sql)
    {
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = spoolId }, new NpgsqlParameter<short> { TypedValue = (short)partition } },
    };

    private static StoredPosition Position(NpgsqlDataReader row) =>
        new(new SpoolOffset(row.GetInt64(0), row.GetInt32(1)), row.GetInt64(2), unchecked((ulong)row.GetInt64(3)));
}
