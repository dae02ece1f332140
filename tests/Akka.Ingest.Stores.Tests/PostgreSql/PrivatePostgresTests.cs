namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Testing;
using Npgsql;
using Xunit;

public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task Each_database_is_its_own_and_survives_a_killed_server()
    {
        await using var server = await PrivatePostgres.StartAsync(isDurable: true);
        var first = await server.NewDatabaseAsync();
        var second = await server.NewDatabaseAsync();
        await RunAsync(first, "CREATE TABLE t AS SELECT 7 AS n");

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal(7, await RunAsync(first, "SELECT n FROM t"));
        await Assert.ThrowsAsync<PostgresException>(() => RunAsync(second, "SELECT n FROM t"));
        Assert.Equal("on", await RunAsync(first, "SHOW fsync"));
    }

    [Fact]
    public async Task Connections_can_be_broken_from_outside()
    {
        var server = await PrivatePostgres.SharedAsync();
        var database = await server.NewDatabaseAsync();
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();

        Assert.Equal(1, await server.TerminateBackendsAsync(database));

        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteScalarAsync());
    }

    private static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
