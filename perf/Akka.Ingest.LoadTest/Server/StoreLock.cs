namespace Akka.Ingest.LoadTest.Server;

using Microsoft.Data.Sqlite;

/// <summary>
/// Makes the SQLite store unavailable to the server from outside: an exclusive transaction on its file, so that every write
/// fails with SQLITE_BUSY until this is disposed. Reads go on (WAL).
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly SqliteConnection _connection;

    private StoreLock(SqliteConnection connection) => _connection = connection;

    /// <exception cref="InvalidOperationException">There is no store file in the data folder.</exception>
    public static StoreLock Take(string? dataFolder)
    {
        var folder = dataFolder is null ? null : Path.Combine(dataFolder, "store");
        var file = folder is not null && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.db").OrderByDescending(name => Path.GetFileName(name) == "events.db").FirstOrDefault()
            : null;
        if (file is null)
            throw new InvalidOperationException("locking the store needs the data folder of a server with the SQLite store (--start-server or --data)");
        var connection = new SqliteConnection($"Data Source={file};Mode=ReadWrite;Pooling=False;Default Timeout=60");
        connection.Open();
        Execute(connection, "BEGIN EXCLUSIVE");
        return new StoreLock(connection);
    }

    public void Dispose()
    {
        Execute(_connection, "ROLLBACK");
        _connection.Dispose();
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
