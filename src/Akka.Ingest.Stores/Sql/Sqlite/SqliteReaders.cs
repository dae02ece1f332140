namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Collections.Concurrent;
using Akka.Ingest.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

/// <summary>A few read connections; each piece of work gets one, on a thread outside the pool, because SQLite blocks.</summary>
internal sealed class SqliteReaders(SqliteStoreSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _free = new(settings.Readers, settings.Readers);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Runs <paramref name="work"/>; it is interrupted when the token is cancelled.</summary>
    /// <exception cref="StoreException">The database did not answer, or the work took longer than <paramref name="limit"/>.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteSession, CancellationToken, T> work, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(limit);
            try
            {
                return await Task.Factory.StartNew(
                    () => Run(work, deadline.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new StoreException(new StoreFailure(
                    StoreFailureKind.Throttled, "sqlite:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!));
            }
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Closes the connections. Work under way keeps its own until it ends.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var session))
            session.Dispose();
    }

    private T Run<T>(Func<SqliteSession, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        SqliteSession? session = null;
        var isGood = false;
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_idle.TryTake(out session))
                session = SqliteSession.Open(settings, isWriter: false);
            var handle = session.Handle;
            using (cancellationToken.Register(() => raw.sqlite3_interrupt(handle)))
            {
                var result = work(session, cancellationToken);
                isGood = true;
                session.TrimStatements();
                return result;
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new StoreException(SqliteFailures.Of(exception), exception);
        }
        finally
        {
            // After any failure the connection is not trusted again.
            if (isGood && !_isDisposed)
                _idle.Add(session!);
            else
                session?.Dispose();
        }
    }
}
