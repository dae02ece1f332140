namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Globalization;
using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>
/// Keeps a second process from writing: an application lock of a session on a connection of its own, which ends with the connection,
/// so nothing is ever stale. Table <c>Writers</c> says who holds it, for the message only.
/// </summary>
internal sealed class SqlServerLease(SqlServerDatabase database) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SqlConnection? _connection;

    /// <summary>Takes the lease, or takes it again after its connection was lost. The holder is named once the schema is there.</summary>
    /// <exception cref="LeaseHeldException">Another process holds it.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not null && await IsHeldAsync(_connection, cancellationToken))
                return;
            await LoseAsync();
            _connection = await AcquireAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Returns when the lease is held.</summary>
    /// <exception cref="StoreException">It was lost and another process has it now.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(cancellationToken);
        }
        catch (LeaseHeldException exception)
        {
            throw new StoreException(
                new StoreFailure(StoreFailureKind.Transient, "sqlserver:lease-held", exception.Message, typeof(LeaseHeldException).FullName!), exception);
        }
    }

    /// <summary>Writes down who holds the lease.</summary>
    public async Task NameHolderAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = SqlServerAdminSql.NameWriter.CreateCommand(connection, null, Limit, Environment.MachineName, Environment.ProcessId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await LoseAsync();
        _turn.Dispose();
    }

    private async Task<SqlConnection> AcquireAsync(CancellationToken cancellationToken)
    {
        // Out of no pool: closing it closes the session, and that frees the lock.
        var connection = await database.OpenOwnAsync(cancellationToken);
        try
        {
            await using var take = SqlServerAdminSql.LockWriter.CreateCommand(connection, null, Limit);
            if (await take.ExecuteScalarAsync(cancellationToken) is not (int and >= 0))
                throw new LeaseHeldException($"The database {database.Name}", await ReadHolderAsync(connection, cancellationToken), "another Storage:ConnectionString");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task LoseAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }

    private static async Task<bool> IsHeldAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var ask = SqlServerAdminSql.HoldsWriter.CreateCommand(connection, null, Limit);
            return await ask.ExecuteScalarAsync(cancellationToken) is 1;
        }
        catch (Exception exception) when (exception is SqlException || SqlServerFailures.IsConnection(exception))
        {
            return false;
        }
    }

    private static async Task<string> ReadHolderAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var read = SqlServerAdminSql.ReadWriter.CreateCommand(connection, null, Limit);
            await using var row = await read.ExecuteReaderAsync(cancellationToken);
            if (await row.ReadAsync(cancellationToken))
                return string.Create(CultureInfo.InvariantCulture, $"process {row.GetInt32(1)} on host {row.GetString(0)}, since {row.GetDateTime(2):yyyy-MM-ddTHH:mm:ssZ}");
        }
        catch (SqlException)
        {
            // It is making the tables at this moment; only the message gets poorer.
        }

        return "a process that left no name";
    }
}
