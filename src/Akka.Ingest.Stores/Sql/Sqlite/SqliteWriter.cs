namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Threading.Channels;
using Akka.Ingest.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

/// <summary>
/// The one writer of the database, on a thread of its own: SQLite blocks, and thread-pool threads serve requests. Appends that
/// wait at the same time share a transaction, and so a flush.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const string UnexpectedCode = "unexpected";
    private const int MaxWaiting = 256;
    private const int MaxGapMilliseconds = 100;
    private readonly SqliteStoreSettings _settings;
    private readonly ILogger _logger;
    private readonly Channel<PendingAppend> _waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteSession? _session;
    private SqliteAppend? _append;
    private long _longestLog;

    /// <param name="session">Open connection with the schema in place; owned from here on.</param>
    public SqliteWriter(SqliteStoreSettings settings, SqliteSession session, ILogger logger)
    {
        _settings = settings;
        _session = session;
        _logger = logger;
        new Thread(Run) { IsBackground = true, Name = "sqlite-store-writer" }.Start();
    }

    /// <summary>Commits the batch, or says why not. The token counts only while the batch waits for its turn.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed before the batch was taken.</exception>
    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend(batch, cancellationToken);
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
        await _ended.Task;
    }

    private void Run()
    {
        var group = new List<PendingAppend>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            TakeGroup(group);
            if (group.Count > 0)
                WriteGroup(group);
            group.Clear();
        }

        CloseSession();
        _ended.SetResult();
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
            events += next.Batch.EventCount;
            bytes += next.Batch.RawBytes;
        }
    }

    private void WriteGroup(List<PendingAppend> group)
    {
        var results = TryCommit(group);
        if (results[0] is StoreAppendResult.Failed { Failure: { Kind: StoreFailureKind.Permanent } or { Code: UnexpectedCode } } && group.Count > 1)
        {
            // One bad batch must not fail its neighbours: each again on its own. (A busy or full disk fails them all alike.)
            for (var i = 0; i < group.Count; i++)
                results[i] = TryCommit([group[i]])[0];
        }

        for (var i = 0; i < group.Count; i++)
            group[i].Completion.SetResult(results[i]);
        BoundLog();
    }

    // Nothing may escape: the thread serves every partition, and whoever waits must be answered.
    private StoreAppendResult[] TryCommit(IReadOnlyList<PendingAppend> group)
    {
        try
        {
            return Commit(group);
        }
        catch (SqliteException exception)
        {
            return Fail(group, SqliteFailures.Of(exception), SqliteFailures.NeedsNewConnection(exception.SqliteErrorCode));
        }
        catch (InvalidDataException exception)
        {
            return Fail(group, SqliteFailures.Of(exception), reopen: false);
        }
        catch (IOException exception)
        {
            return Fail(group, SqliteFailures.Of(exception), reopen: true);
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = new StoreFailure(StoreFailureKind.Transient, UnexpectedCode, exception.Message, exception.GetType().FullName!);
            LogUnexpected(_logger, exception);
            return Fail(group, failure, reopen: true);
        }
    }

    private StoreAppendResult[] Commit(IReadOnlyList<PendingAppend> group)
    {
        _session ??= SqliteSession.Open(_settings, isWriter: true);
        _append ??= new SqliteAppend(_session);
        _session.Prepare("BEGIN IMMEDIATE").Execute();
        var results = new StoreAppendResult[group.Count];
        for (var i = 0; i < group.Count; i++)
            results[i] = (StoreAppendResult?)_append.Write(group[i].Batch) ?? StoreAppendResult.Appended.Instance;
        _session.Prepare("COMMIT").Execute();
        return results;
    }

    private StoreAppendResult[] Fail(IReadOnlyList<PendingAppend> group, StoreFailure failure, bool reopen)
    {
        LogFailed(_logger, failure.Code, failure.Kind, failure.Detail);
        if (reopen || !TryRollBack())
            CloseSession();
        return [.. group.Select(StoreAppendResult (_) => new StoreAppendResult.Failed(failure))];
    }

    private bool TryRollBack()
    {
        try
        {
            if (_session is { InTransaction: true })
                _session.Prepare("ROLLBACK").Execute();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private void CloseSession()
    {
        _append = null;
        _session?.Dispose();
        _session = null;
    }

    // A reader that never pauses keeps the log from starting over. Once it is twice as long as wanted, and again each time it has
    // grown by as much more, wait briefly for a gap; the writer is never held up for long, and no query lasts for ever.
    private void BoundLog()
    {
        if (_session is null)
            return;
        var log = new FileInfo(_settings.DatabaseFile + "-wal");
        var length = log.Exists ? log.Length : 0;
        if (length <= _settings.MaxWalBytes)
            _longestLog = 2 * _settings.MaxWalBytes;
        if (length <= _longestLog)
            return;
        _longestLog = length + _settings.MaxWalBytes;
        raw.sqlite3_busy_timeout(_session.Handle, MaxGapMilliseconds);
        _ = raw.sqlite3_wal_checkpoint_v2(_session.Handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        raw.sqlite3_busy_timeout(_session.Handle, (int)_settings.BusyTimeout.TotalMilliseconds);
    }

    private sealed record PendingAppend(StoreBatch Batch, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<StoreAppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(3001, LogLevel.Warning, "The store did not take a write: {Code} ({Kind}): {Detail}")]
    private static partial void LogFailed(ILogger logger, string code, StoreFailureKind kind, string detail);

    [LoggerMessage(3002, LogLevel.Error, "The store's writer met an error it does not know; the write will be repeated")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
