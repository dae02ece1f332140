namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Data;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>Runs reads, a bounded number at a time, each in a transaction of one moment.</summary>
internal sealed class PostgreSqlReaders(NpgsqlDataSource source, PostgreSqlStoreSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _free = new(settings.Readers, settings.Readers);
    private volatile bool _isDisposed;

    /// <summary>Runs <paramref name="read"/>; the server stops working on it when the token is cancelled.</summary>
    /// <exception cref="StoreException">The database did not answer, or the work took longer than <paramref name="limit"/>.</exception>
    public async Task<T> RunAsync<T>(Func<PostgreSqlSession, CancellationToken, Task<T>> read, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            deadline.CancelAfter(limit);
            await using var connection = await source.OpenConnectionAsync(deadline.Token);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, deadline.Token);
            return await read(new PostgreSqlSession(connection), deadline.Token);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && PostgreSqlFailures.IsStoreTrouble(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new StoreException(
                new StoreFailure(StoreFailureKind.Throttled, "postgresql:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!),
                exception);
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            throw PostgreSqlFailures.Thrown(exception);
        }
        finally
        {
            if (!_isDisposed)
                _free.Release();
        }
    }

    /// <summary>Takes no more; what is under way fails when its connection is closed.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _free.Dispose();
    }
}

/// <summary>A connection inside a read transaction.</summary>
internal sealed class PostgreSqlSession(NpgsqlConnection connection)
{
    private PlannerMode _mode;

    /// <summary>
    /// A statement that runs after the planner was told which kind of plan is meant. A table that just grew has no statistics yet, and
    /// with them missing the planner would rather read and sort all of it.
    /// </summary>
    /// <param name="sql">Constants of this assembly; every value is a parameter.</param>
    public async Task<NpgsqlCommand> CommandAsync(PlannerMode mode, string sql, CancellationToken cancellationToken)
    {
        if (mode != _mode)
        {
            await using var choose = new NpgsqlCommand(Switches(mode), connection);
            await choose.ExecuteNonQueryAsync(cancellationToken);
            _mode = mode;
        }

#pragma warning disable CA2100
        return new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        PostgreSqlPositions.ReadAsync(connection, spoolId, partition, cancellationToken);

    public async Task<long> ReadNumberAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(PlannerMode.Free, sql, cancellationToken);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Switches(PlannerMode mode)
    {
        var (tree, bitmap, other) = mode switch
        {
            PlannerMode.WalkInOrder => ("on", "off", "off"),
            PlannerMode.SearchIndexes => ("off", "on", "off"),
            _ => ("on", "on", "on"),
        };
        return $"SET LOCAL enable_indexscan = {tree}; SET LOCAL enable_indexonlyscan = {tree}; SET LOCAL enable_bitmapscan = {bitmap}; " +
            $"SET LOCAL enable_seqscan = {other}; SET LOCAL enable_sort = {other}; SET LOCAL enable_hashjoin = {other}; SET LOCAL enable_mergejoin = {other}";
    }
}

/// <summary>The kinds of plans.</summary>
internal enum PlannerMode
{
    /// <summary>Whatever the statistics say.</summary>
    Free,

    /// <summary>Along a tree in its order, or single rows through one.</summary>
    WalkInOrder,

    /// <summary>Bitmaps of inverted and block-range indexes.</summary>
    SearchIndexes,
}
