namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

/// <summary>
/// Runs appends, each in a transaction of its own on a connection of its own: partitions do not wait for one another, the server works
/// on several cores, and a bad batch has no neighbours.
/// </summary>
internal sealed partial class PostgreSqlWriter(
    NpgsqlDataSource source, PostgreSqlStoreSettings settings, PostgreSqlDays days, PostgreSqlLease? lease, ILogger logger) : IAsyncDisposable
{
    private readonly PostgreSqlAppend _append = new(settings, days);
    private readonly SemaphoreSlim _free = new(settings.Writers, settings.Writers);

    /// <summary>Commits the batch, or says why not. The token counts only while the batch waits for its turn.</summary>
    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await WriteAsync(batch);
        }
        catch (InvalidDataException exception)
        {
            return Fail(exception);
        }
        catch (StoreException exception)
        {
            return Fail(exception.Failure);
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            return Fail(exception);
        }
#pragma warning disable CA1031 // The contract of appends: storage trouble is never thrown.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnexpected(logger, exception);
            return Fail(PostgreSqlFailures.Of(exception));
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Finishes what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < settings.Writers; i++)
            await _free.WaitAsync();
        _free.Dispose();
    }

    private async Task<StoreAppendResult> WriteAsync(StoreBatch batch)
    {
        using var limit = new CancellationTokenSource(settings.AppendLimit);
        if (lease is not null)
            await lease.RequireAsync(limit.Token);
        await using var connection = await source.OpenConnectionAsync(limit.Token);
        return await _append.WriteAsync(connection, batch, limit.Token);
    }

    private StoreAppendResult.Failed Fail(Exception exception) => Fail(PostgreSqlFailures.Of(exception));

    private StoreAppendResult.Failed Fail(StoreFailure failure)
    {
        LogFailed(logger, failure.Code, failure.Kind, failure.Detail);
        return new StoreAppendResult.Failed(failure);
    }

    [LoggerMessage(3101, LogLevel.Warning, "The store did not take a write: {Code} ({Kind}): {Detail}")]
    private static partial void LogFailed(ILogger logger, string code, StoreFailureKind kind, string detail);

    [LoggerMessage(3102, LogLevel.Error, "The store's writer met an error it does not know; the write will be repeated")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
