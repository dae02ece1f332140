namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Data;
using System.Globalization;
using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>
/// Keeps a second process from writing: an advisory lock of a session on a connection of its own, which ends with the connection, so
/// nothing is ever stale. Table <c>lease</c> says who holds it, for the message only.
/// </summary>
internal sealed class PostgreSqlLease(NpgsqlDataSource source, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;

    /// <summary>Takes the lease, or takes it again after its connection was lost.</summary>
    /// <exception cref="LeaseHeldException">Another process holds it.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not null && await AnswersAsync(_connection, cancellationToken))
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
                new StoreFailure(StoreFailureKind.Transient, "postgresql:lease-held", exception.Message, typeof(LeaseHeldException).FullName!), exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await LoseAsync();
        _turn.Dispose();
    }

    private async Task<NpgsqlConnection> AcquireAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({PostgreSqlLocks.Space}, {PostgreSqlLocks.SingleWriter})", connection);
            if (await take.ExecuteScalarAsync(cancellationToken) is not true)
                throw new LeaseHeldException("The database", await ReadHolderAsync(connection, cancellationToken), "another Storage:ConnectionString");
            await using var describe = new NpgsqlCommand(
                "INSERT INTO lease (host, process, started_at) VALUES ($1, $2, $3) ON CONFLICT (singleton) DO UPDATE SET host = $1, process = $2, started_at = $3", connection);
            describe.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Environment.MachineName });
            describe.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Environment.ProcessId });
            describe.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
            await describe.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await CloseAsync(connection);
            throw;
        }
    }

    private async Task LoseAsync()
    {
        if (_connection is null)
            return;
        await CloseAsync(_connection);
        _connection = null;
    }

    // A pooled connection would keep the session, and with it the lock.
    private static async Task CloseAsync(NpgsqlConnection connection)
    {
        try
        {
            await using (connection)
            {
                if (connection.State != ConnectionState.Open)
                    return;
                await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
                await release.ExecuteNonQueryAsync();
            }
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            // Broken: the server has released it.
        }
    }

    private static async Task<bool> AnswersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Npgsql closes a connection on which it lost the server.
        if (connection.State != ConnectionState.Open)
            return false;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(CheckLimit);
            await using var ask = new NpgsqlCommand("SELECT 1", connection);
            return await ask.ExecuteScalarAsync(limit.Token) is not null;
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            return false;
        }
    }

    private static async Task<string> ReadHolderAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT host, process, started_at FROM lease", connection);
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? string.Create(CultureInfo.InvariantCulture, $"process {row.GetInt32(1)} on host {row.GetString(0)}, since {row.GetDateTime(2):yyyy-MM-ddTHH:mm:ssZ}")
            : "a process that left no name";
    }
}
