namespace Akka.Ingest.LoadTest.Baselines;

using System.Buffers.Binary;
using Npgsql;

/// <summary>
/// COPY of the store's own rows into an empty table with the same columns, indexes and day partition. Rows are read once in PostgreSQL's
/// binary form and written back in that form, so nothing but the database is measured.
/// </summary>
internal static class PostgreSqlBaseline
{
    // "PGCOPY\n\377\r\n\0", flags, length of the header extension.
    private const int HeaderLength = 19;
    private const string Table = "load_test_baseline";

    public static async Task<StoreBaseline> MeasureAsync(string connectionString, int maxRows)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync();
        var partition = await ScalarAsync(connection, """
            SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass ORDER BY pg_relation_size(c.oid) DESC LIMIT 1
            """);
        await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {Table}; CREATE TABLE {Table} (LIKE {partition} INCLUDING ALL); SET synchronous_commit = on");
        try
        {
            var (header, rows) = await ReadAsync(connection, $"COPY (SELECT * FROM {partition} LIMIT {maxRows}) TO STDOUT (FORMAT BINARY)");
            return StoreBaseline.Time("COPY (binary) into the same indexed table", rows.Count, () => Write(connection, header, rows));
        }
        finally
        {
            await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {Table}");
        }
    }

    private static async Task<(byte[] Header, List<ReadOnlyMemory<byte>> Rows)> ReadAsync(NpgsqlConnection connection, string copy)
    {
        using var all = new MemoryStream();
        await using (var stream = await connection.BeginRawBinaryCopyAsync(copy))
            await stream.CopyToAsync(all);
        var bytes = all.GetBuffer().AsMemory(0, (int)all.Length);
        var rows = new List<ReadOnlyMemory<byte>>();
        for (var at = HeaderLength; at < bytes.Length;)
        {
            var end = RowEnd(bytes.Span, at);
            if (end < 0)
                break;
            rows.Add(bytes[at..end]);
            at = end;
        }

        return (bytes[..HeaderLength].ToArray(), rows);
    }

    // A row: i16 number of fields, then each with an i32 length, -1 for NULL. The trailer has -1 fields.
    private static int RowEnd(ReadOnlySpan<byte> bytes, int at)
    {
        var fields = BinaryPrimitives.ReadInt16BigEndian(bytes[at..]);
        if (fields < 0)
            return -1;
        at += 2;
        for (var i = 0; i < fields; i++)
            at += 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes[at..]));
        return at;
    }

    private static void Write(NpgsqlConnection connection, byte[] header, List<ReadOnlyMemory<byte>> rows)
    {
        foreach (var batch in rows.Chunk(StoreBaseline.BatchSize))
        {
            using var stream = connection.BeginRawBinaryCopy($"COPY {Table} FROM STDIN (FORMAT BINARY)");
            stream.Write(header);
            foreach (var row in batch)
                stream.Write(row.Span);
            stream.Write([0xFF, 0xFF]);
        }
    }

    private static async Task<string> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync() ?? throw new InvalidOperationException("the store has no partition of events");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
