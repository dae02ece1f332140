namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>One read: a connection in a transaction that sees one moment of the database, and how long it may take.</summary>
internal sealed class SqlServerRead(SqlConnection connection, SqlTransaction transaction, TimeSpan limit)
{
    public async Task<T> QueryAsync<T>(
        SqlServerStatement statement, object?[] values, Func<SqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var command = statement.CreateCommand(connection, transaction, limit, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await read(reader);
    }

    /// <summary>All rows of one result set.</summary>
    public Task<IReadOnlyList<T>> RowsAsync<T>(SqlServerStatement statement, object?[] values, Func<SqlDataReader, T> read, CancellationToken cancellationToken) =>
        QueryAsync<IReadOnlyList<T>>(
            statement,
            values,
            async reader =>
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);
}

/// <summary>A few reads at a time, each on a connection out of the pool.</summary>
internal sealed class SqlServerReaders(SqlServerDatabase database, int readers) : IDisposable
{
    private readonly SemaphoreSlim _free = new(readers, readers);

    /// <summary>Runs a read that sees one moment of the database.</summary>
    /// <exception cref="StoreException">The database did not answer, or the work took longer than <paramref name="limit"/>.</exception>
    public Task<T> RunAsync<T>(Func<SqlServerRead, CancellationToken, Task<T>> work, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(work, IsolationLevel.Snapshot, limit, cancellationToken);

    /// <summary>The same for what the engine tells of itself, of which it keeps no earlier moments.</summary>
    /// <exception cref="StoreException">The database did not answer, or the work took longer than <paramref name="limit"/>.</exception>
    public Task<T> RunOnEngineAsync<T>(Func<SqlServerRead, CancellationToken, Task<T>> work, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(work, IsolationLevel.ReadCommitted, limit, cancellationToken);

    public void Dispose() => _free.Dispose();

    private async Task<T> RunAsync<T>(
        Func<SqlServerRead, CancellationToken, Task<T>> work, IsolationLevel level, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await SqlServerCalls.RunAsync(
                async token =>
                {
                    await using var connection = await database.OpenPooledAsync(token);
                    await using var transaction = await SqlServerDatabase.BeginAsync(connection, level, token);
                    // Nothing is changed, so there is nothing to commit.
                    return await work(new SqlServerRead(connection, transaction, limit), token);
                },
                limit,
                cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }
}
