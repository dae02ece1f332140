namespace Akka.Ingest.Stores.Tests.PostgreSql;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

/// <summary>A database of a test's own, and what tests do to it beside the store.</summary>
internal sealed class PostgreSqlTestDatabase(PrivatePostgres server, string connectionString)
{
    public PrivatePostgres Server { get; } = server;

    public string ConnectionString { get; } = connectionString;

    public static async Task<PostgreSqlTestDatabase> CreateAsync()
    {
        var server = await PrivatePostgres.SharedAsync();
        return new PostgreSqlTestDatabase(server, await server.NewDatabaseAsync());
    }

    public PostgreSqlLogStore Store(Func<PostgreSqlStoreSettings, PostgreSqlStoreSettings>? change = null)
    {
        var settings = new PostgreSqlStoreSettings(ConnectionString);
        return new PostgreSqlLogStore(change?.Invoke(settings) ?? settings, TimeProvider.System, NullLogger<PostgreSqlLogStore>.Instance);
    }

    public async Task<PostgreSqlLogStore> OpenStoreAsync(Func<PostgreSqlStoreSettings, PostgreSqlStoreSettings>? change = null)
    {
        var store = Store(change);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }

    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public static string MessageOf(StoredEvent stored) => Encoding.UTF8.GetString(EventRecord.Read(stored.Record.Span)[EventField.Message]);

    /// <summary>Runs statements; the first value of the first row, or null.</summary>
    public async Task<object?> RunAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
