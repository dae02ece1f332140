namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using System.Threading.Channels;
using Akka.Ingest.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

/// <summary>
/// The one writer of the database, on a thread of its own: SQLite blocks, and thread-pool threads serve requests. Appends that
/// wait at the same time share a transaction, and so a flush. A step of retention has a transaction of its own and takes its turn
/// among them.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const string UnexpectedCode = "unexpected";
    private const int MaxWaiting = 256;
    private const int MaxGapMilliseconds = 100;
    private readonly SqliteStoreSettings _settings;
    private readonly ILogger _logger;
    private readonly Channel<IPending> _waiting = Channel.CreateBounded<IPending>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteSession? _session;
    private SqliteAppend? _append;
    private SqliteExpiry? _expiry;
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
        await EnqueueAsync(pending, cancellationToken);
        return await pending.Completion.Task;
    }

    /// <summary>Removes one step of a day and gives some free pages back to the file system.</summary>
    /// <exception cref="StoreException">Nothing was removed.</exception>
    public async Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        var pending = new PendingExpiry(request, cancellationToken);
        await EnqueueAsync(pending, cancellationToken);
        return await pending.Completion.Task;
    }

    /// <summary>Finishes what waits, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended.Task;
    }

    private async Task EnqueueAsync(IPending pending, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The store is closed.", exception);
        }
    }

    private void Run()
    {
        var group = new List<PendingAppend>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            TakeGroup(group);
            if (group.Count > 0)
                WriteGroup(group);
            else if (_waiting.Reader.TryPeek(out var next) && next is PendingExpiry expiry && _waiting.Reader.TryRead(out _))
                Expire(expiry);
            group.Clear();
        }

        CloseSession();
        _ended.SetResult();
    }

    private void TakeGroup(List<PendingAppend> group)
    {
        var events = 0;
        long bytes = 0;
        while (events < _settings.MaxGroupEvents && bytes < _settings.MaxGroupBytes
            && _waiting.Reader.TryPeek(out var waiting) && waiting is PendingAppend next && _waiting.Reader.TryRead(out _))
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

    private StoreAppendResult[] TryCommit(IReadOnlyList<PendingAppend> group) =>
        Try(session => Commit(session, group), out var failure) ?? [.. group.Select(StoreAppendResult (_) => new StoreAppendResult.Failed(failure!))];

    private void Expire(PendingExpiry expiry)
    {
        if (expiry.CancellationToken.IsCancellationRequested)
            expiry.Completion.SetCanceled(expiry.CancellationToken);
        else if (Try(session => Commit(session, expiry.Request), out var failure) is { } removed)
            expiry.Completion.SetResult(removed);
        else
            expiry.Completion.SetException(new StoreException(failure!));
        BoundLog();
    }

    /// <summary>Runs a transaction. Nothing may escape: the thread serves every partition, and whoever waits must be answered.</summary>
    /// <returns>Null when it failed; then nothing was written.</returns>
    private T? Try<T>(Func<SqliteSession, T> commit, out StoreFailure? failure)
        where T : class
    {
        failure = null;
        try
        {
            _session ??= SqliteSession.Open(_settings, isWriter: true);
            return commit(_session);
        }
        catch (SqliteException exception)
        {
            failure = Fail(SqliteFailures.Of(exception), SqliteFailures.NeedsNewConnection(exception.SqliteErrorCode));
        }
        catch (InvalidDataException exception)
        {
            failure = Fail(SqliteFailures.Of(exception), reopen: false);
        }
        catch (IOException exception)
        {
            failure = Fail(SqliteFailures.Of(exception), reopen: true);
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnexpected(_logger, exception);
            failure = Fail(new StoreFailure(StoreFailureKind.Transient, UnexpectedCode, exception.Message, exception.GetType().FullName!), reopen: true);
        }

        return null;
    }

    private StoreAppendResult[] Commit(SqliteSession session, IReadOnlyList<PendingAppend> group)
    {
        _append ??= new SqliteAppend(session);
        session.Prepare("BEGIN IMMEDIATE").Execute();
        var results = new StoreAppendResult[group.Count];
        for (var i = 0; i < group.Count; i++)
            results[i] = (StoreAppendResult?)_append.Write(group[i].Batch) ?? StoreAppendResult.Appended.Instance;
        session.Prepare("COMMIT").Execute();
        return results;
    }

    private ExpiredEvents Commit(SqliteSession session, ExpireRequest request)
    {
        _expiry ??= new SqliteExpiry(session);
        session.Prepare("BEGIN IMMEDIATE").Execute();
        var removed = _expiry.Remove(request);
        session.Prepare("COMMIT").Execute();
        GiveBack(session);
        return removed;
    }

    private StoreFailure Fail(StoreFailure failure, bool reopen)
    {
        LogFailed(_logger, failure.Code, failure.Kind, failure.Detail);
        if (reopen || !TryRollBack())
            CloseSession();
        return failure;
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
        _expiry = null;
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

    // What was removed is committed; pages that cannot be given back now are the next step's.
    private void GiveBack(SqliteSession session)
    {
        try
        {
            var pages = SqlitePages.Read(session);
            var excess = pages.FreeBytes - Math.Min(_settings.MaxFreeBytes, pages.FileBytes / _settings.FreeShare);
            if (excess >= pages.PageBytes)
                session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({Math.Min(excess, _settings.ShrinkStepBytes) / pages.PageBytes})"));
        }
        catch (SqliteException exception)
        {
            LogNotGivenBack(_logger, exception.Message);
        }
    }

    private interface IPending;

    private sealed record PendingAppend(StoreBatch Batch, CancellationToken CancellationToken) : IPending
    {
        public TaskCompletionSource<StoreAppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record PendingExpiry(ExpireRequest Request, CancellationToken CancellationToken) : IPending
    {
        public TaskCompletionSource<ExpiredEvents> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(3001, LogLevel.Warning, "The store did not take a write: {Code} ({Kind}): {Detail}")]
    private static partial void LogFailed(ILogger logger, string code, StoreFailureKind kind, string detail);

    [LoggerMessage(3002, LogLevel.Error, "The store's writer met an error it does not know; the write will be repeated")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);

    [LoggerMessage(3003, LogLevel.Warning, "Free pages of the store could not be given back to the file system yet: {Detail}")]
    private static partial void LogNotGivenBack(ILogger logger, string detail);
}
