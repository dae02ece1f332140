namespace Akka.Ingest.Stores.Tests.SqlServer;

using Microsoft.Data.SqlClient;
using Xunit;

/// <summary>A database of its own for a test class on the server that the environment names, dropped afterwards.</summary>
public sealed class TestServer : IAsyncLifetime
{
    /// <summary>A connection string of a login that may create databases and end sessions.</summary>
    public const string Variable = "INGEST_TEST_SQLSERVER";

    private const string Clean = """
        DROP VIEW IF EXISTS dbo.EventsReadable;
        DROP TABLE IF EXISTS dbo.Events, dbo.Appends, dbo.Positions, dbo.Counters, dbo.Counts, dbo.Days, dbo.Writers, dbo.SchemaVersions;
        DROP TYPE IF EXISTS dbo.AppendRows, dbo.CountRows, dbo.DayRows;
        """;

    private readonly string _server = Environment.GetEnvironmentVariable(Variable) ?? "";
    private readonly string _database = "ingest_" + Guid.NewGuid().ToString("N");

    public string ConnectionString => new SqlConnectionStringBuilder(_server) { InitialCatalog = _database }.ToString();

    public Task InitializeAsync() => RunOnAsync(_server, $"CREATE DATABASE {_database}");

    public async Task DisposeAsync()
    {
        SqlConnection.ClearAllPools();
        await RunOnAsync(_server, $"ALTER DATABASE {_database} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {_database}");
    }

    /// <summary>Takes the database back to what it was when it was made.</summary>
    public Task CleanAsync() => RunAsync(Clean);

    public Task<int> RunAsync(string sql) => RunOnAsync(ConnectionString, sql);

    /// <summary>Changes a setting of the database, which must have no other session.</summary>
    public Task SetAsync(string setting) => RunOnAsync(_server, $"ALTER DATABASE {_database} SET {setting} WITH ROLLBACK IMMEDIATE");

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new SqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async Task<SqlConnection> OpenAsync()
    {
        var connection = new SqlConnection(new SqlConnectionStringBuilder(ConnectionString) { Pooling = false, ApplicationName = "akka-ingest-test" }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Ends every session of the store on this database, as a broken network or a failover would.</summary>
    public async Task<int> KillStoreSessionsAsync()
    {
        await using var connection = await OpenAsync();
        var sessions = new List<short>();
        await using (var find = new SqlCommand("SELECT session_id FROM sys.dm_exec_sessions WHERE program_name = 'akka-ingest' AND database_id = DB_ID()", connection))
        await using (var row = await find.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
                sessions.Add(row.GetInt16(0));
        }

        foreach (var session in sessions)
        {
            await using var kill = new SqlCommand($"KILL {session}", connection);
            await kill.ExecuteNonQueryAsync();
        }

        return sessions.Count;
    }

    private static async Task<int> RunOnAsync(string connectionString, string sql)
    {
        await using var connection = new SqlConnection(new SqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new SqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
