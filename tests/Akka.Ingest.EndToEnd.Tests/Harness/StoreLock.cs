namespace Akka.Ingest.EndToEnd.Tests.Harness;

using Microsoft.Data.Sqlite;

/// <summary>Takes the store away: holds the write lock of its database until disposed. The server's writes find it busy.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly SqliteConnection _connection;

    public StoreLock(ServerFolder folder)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = folder.StoreDatabase, Mode = SqliteOpenMode.ReadWrite, Pooling = false };
        _connection = new SqliteConnection(settings.ToString());
        _connection.Open();
        Execute("BEGIN EXCLUSIVE");
    }

    public void Dispose()
    {
        Execute("ROLLBACK");
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
