namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Threading.Channels;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

/// <summary>
/// The writer of this process, on a connection of its own. Appends that wait at the same time share a transaction, and so one flush
/// of the server's log and one turn at the arrival counter.
/// </summary>
internal sealed partial class SqlServerWriter : IAsyncDisposable
{
    private const int MaxWaiting = 256;
    private readonly SqlServerDatabase _database;
    private readonly SqlServerStoreSettings _settings;
    private readonly SqlServerLease? _lease;
    private readonly ILogger _logger;
    private readonly Channel<PendingAppend> _waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Task _running;
    private SqlConnection? _connection;

    public SqlServerWriter(SqlServerDatabase database, SqlServerStoreSettings settings, SqlServerLease? lease, ILogger logger)
    {
        _database = database;
        _settings = settings;
        _lease = lease;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Commits the batch, or says why not. The token counts only while the batch waits for its turn.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed before the batch was taken.</exception>
    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        PendingAppend pending;
        try
        {
            pending = new PendingAppend(AppendPlan.Of(batch), cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            return Fail(SqlServerFailures.Of(exception));
        }

        try
        {
            await _waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The store is closed.", exception);
        }

        return await pending.Completion.Task;
    }

    /// <summary>Finishes what waits, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        var group = new List<PendingAppend>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            TakeGroup(group);
            if (group.Count > 0)
                await WriteGroupAsync(group);
            group.Clear();
        }

        await CloseAsync();
    }

    private void TakeGroup(List<PendingAppend> group)
    {
        var events = 0;
        long bytes = 0;
        while (events < _settings.MaxGroupEvents && bytes < _settings.MaxGroupBytes && _waiting.Reader.TryRead(out var next))
        {
            if (next.CancellationToken.IsCancellationRequested)
            {
                next.Completion.SetCanceled(next.CancellationToken);
                continue;
            }

            group.Add(next);
            events += next.Plan.Events;
            bytes += next.Plan.Batch.RawBytes;
        }
    }

    private async Task WriteGroupAsync(List<PendingAppend> group)
    {
        var results = await TryWriteAsync(group);
        if (group.Count > 1 && results[0] is StoreAppendResult.Failed { Failure: { Kind: StoreFailureKind.Permanent } or { Code: SqlServerFailures.Unexpected } })
        {
            // One bad batch must not fail its neighbours: each again on its own. (A server that is away fails them all alike.)
            for (var i = 0; i < group.Count; i++)
                results[i] = (await TryWriteAsync([group[i]]))[0];
        }

        for (var i = 0; i < group.Count; i++)
            group[i].Completion.SetResult(results[i]);
    }

    // Nothing may escape: the loop serves every partition, and whoever waits must be answered.
    private async Task<StoreAppendResult[]> TryWriteAsync(IReadOnlyList<PendingAppend> group)
    {
        StoreFailure failure;
        try
        {
            if (_lease is not null)
                await _lease.RequireAsync(CancellationToken.None);
            return await new SqlServerAppend(await ConnectAsync(), _settings.WriteLimit).WriteAsync([.. group.Select(pending => pending.Plan)]);
        }
        catch (SqlException exception)
        {
            failure = SqlServerFailures.Of(exception);
        }
        catch (StoreException exception)
        {
            // Refused by the database's settings, or by the lease: not for what is in the batch.
            failure = exception.Failure with { Kind = StoreFailureKind.Transient };
        }
        catch (Exception exception) when (SqlServerFailures.IsConnection(exception))
        {
            failure = SqlServerFailures.OfConnection(exception);
        }
#pragma warning disable CA1031 // Top-level loop of the writer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnexpected(_logger, exception);
            failure = new StoreFailure(StoreFailureKind.Transient, SqlServerFailures.Unexpected, exception.Message, exception.GetType().FullName!);
        }

        // After any failure the connection is not trusted again; closing it ends the transaction.
        await CloseAsync();
        var result = Fail(failure);
        return [.. group.Select(StoreAppendResult (_) => result)];
    }

    private async Task<SqlConnection> ConnectAsync()
    {
        if (_connection is not null)
            return _connection;
        var connection = await _database.OpenOwnAsync(CancellationToken.None);
        try
        {
            // Asked on each connection: the setting may have been changed since the start.
            await SqlServerDatabase.RequireDurabilityAsync(connection, _settings.WriteLimit, CancellationToken.None);
            await using var begin = SqlServerWriteSql.BeginSession.CreateCommand(connection, null, _settings.WriteLimit);
            await begin.ExecuteNonQueryAsync();
            return _connection = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }

    private StoreAppendResult.Failed Fail(StoreFailure failure)
    {
        LogFailed(_logger, failure.Code, failure.Kind, failure.Detail);
        return new StoreAppendResult.Failed(failure);
    }

    private sealed record PendingAppend(AppendPlan Plan, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<StoreAppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(3201, LogLevel.Warning, "The store did not take a write: {Code} ({Kind}): {Detail}")]
    private static partial void LogFailed(ILogger logger, string code, StoreFailureKind kind, string detail);

    [LoggerMessage(3202, LogLevel.Error, "The store's writer met an error it does not know; the write will be repeated")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
