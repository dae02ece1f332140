namespace Akka.Ingest.LoadTest.Baselines;

using Microsoft.Data.Sqlite;

/// <summary>Prepared inserts of the store's own rows into an empty table with the same columns and indexes.</summary>
internal static class SqliteBaseline
{
    public static StoreBaseline Measure(string storeFile, int maxRows)
    {
        var (schema, columns, rows) = Read(storeFile, maxRows);
        var file = Path.Combine(Path.GetDirectoryName(storeFile)!, "..", "baseline.db");
        try
        {
            using var connection = Open(file, SqliteOpenMode.ReadWriteCreate);
            // The settings of the store, so that only the driver is compared.
            Execute(connection, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4096");
            foreach (var statement in schema)
                Execute(connection, statement);
            return StoreBaseline.Time("Microsoft.Data.Sqlite, prepared inserts into the same indexed table", rows.Count, () => Insert(connection, columns, rows));
        }
        finally
        {
            foreach (var suffix in new[] { "", "-wal", "-shm" })
                File.Delete(file + suffix);
        }
    }

    private static (List<string> Schema, int Columns, List<object[]> Rows) Read(string storeFile, int maxRows)
    {
        using var connection = Open(storeFile, SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sql FROM sqlite_schema WHERE tbl_name = 'Events' AND sql IS NOT NULL AND type IN ('table', 'index') ORDER BY type DESC";
        var schema = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                schema.Add(reader.GetString(0));
        }

        command.CommandText = $"SELECT * FROM Events ORDER BY arrival DESC LIMIT {maxRows}";
        var rows = new List<object[]>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var values = new object[row.FieldCount];
            row.GetValues(values);
            rows.Add(values);
        }

        rows.Reverse();
        return (schema, row.FieldCount, rows);
    }

    private static void Insert(SqliteConnection connection, int columns, List<object[]> rows)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO Events VALUES ({string.Join(", ", Enumerable.Range(0, columns).Select(i => "$" + i))})";
        for (var i = 0; i < columns; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
        foreach (var batch in rows.Chunk(StoreBaseline.BatchSize))
        {
            using var transaction = connection.BeginTransaction();
            command.Transaction = transaction;
            foreach (var values in batch)
            {
                for (var i = 0; i < columns; i++)
                    command.Parameters[i].Value = values[i];
                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
