namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>
/// Events as lines of JSON in one file a day, for <c>grep</c> and <c>jq</c>, each line with its own checksum. An append is one write and one
/// flush; an index of blocks beside each file keeps queries from reading what they need not. The formats are in <see cref="LineFormat"/>,
/// <see cref="DayIndex"/> and <see cref="PositionsLog"/>.
/// </summary>
/// <remarks>Thread-safe. One writer: the folder belongs to one process at a time.</remarks>
internal sealed partial class FileLogStore : ILogStore
{
    private static readonly TimeSpan ShortRead = TimeSpan.FromSeconds(30);
    private readonly FileStoreSettings _settings;
    private readonly FileStorePaths _paths;
    private readonly IStoreFileSystem _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LineDamage _damage;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SemaphoreSlim _rewriting = new(1, 1);
    private readonly BlockingReaders _readers;
    private OpenStore? _open;

    public FileLogStore(FileStoreSettings settings, IStoreFileSystem files, TimeProvider clock, ILogger<FileLogStore> logger)
    {
        _settings = settings;
        _paths = new FileStorePaths(Path.GetFullPath(settings.Folder));
        _files = files;
        _clock = clock;
        _logger = logger;
        _damage = new LineDamage(logger);
        _readers = new BlockingReaders(settings.Readers);
        Indexes = new FileIndexStrategy(() => Open.Report.IndexBytes);
    }

    public string Provider => "File";

    public ILogIndexStrategy Indexes { get; }

    private OpenStore Open => _open ?? throw new StoreException(
        new StoreFailure(StoreFailureKind.Transient, "file:not-open", "The store is not open yet.", typeof(StoreException).FullName!));

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            _open ??= await Task.Factory.StartNew(OpenFolder, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _opening.Release();
        }
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        Task.FromResult(Open.Folder.State.ReadPosition(new SpoolPartition(spoolId, partition)));

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        StoreBatches.ThrowIfContradictory(batch);
        return Open.Writer.AppendAsync(batch, cancellationToken);
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        QueryAsync(plan, query => query.ReadPage(), plan.MaxDuration * 2, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        QueryAsync(plan, query => query.Count(), plan.MaxDuration, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        QueryAsync(plan, query => query.Histogram(bucketCount), plan.MaxDuration, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        ReadAsync((view, _) => FileQuery.Find(view, id, _damage), ShortRead, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => ReadAsync(
        (_, _) => _files.FileExists(_paths.PositionsLog) ? true : throw new IOException($"{_paths.PositionsLog} is not there any more."), ShortRead, cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => Task.FromResult(Open.Report.Days);

    public async Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Events, 1);
        var open = Open;
        try
        {
            var expired = await open.Writer.RunAsync(() => open.Expiry.Expire(request), cancellationToken);
            await TryRewriteAsync(open, request.Day, cancellationToken);
            return expired;
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            throw new StoreException(FileFailures.Of(exception), exception);
        }
    }

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => Task.FromResult(Open.Folder.State.Counts);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => Task.FromResult(Open.Report.Health());

    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        if (_open is { } open)
            await open.Writer.DisposeAsync();
        _opening.Dispose();
        _rewriting.Dispose();
    }

    private OpenStore OpenFolder()
    {
        try
        {
            var folder = new FolderRecovery(_files, _paths, _damage, _logger).Run();
            var writer = new FileWriter(_settings, folder, new FileAppender(_files, _paths, folder, _logger), _logger);
            LogOpened(_logger, _paths.Folder, LineFormat.Version, folder.Days.Count);
            return new OpenStore(folder, writer, new FileExpiry(_files, _paths, folder, _damage, _logger), new FileStoreReport(folder, _damage));
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            throw new StoreException(FileFailures.Of(exception), exception);
        }
    }

    // Events that have expired are gone whether this succeeds or not; it only gives their bytes back.
    private async Task TryRewriteAsync(OpenStore open, DateOnly day, CancellationToken cancellationToken)
    {
        await _rewriting.WaitAsync(cancellationToken);
        try
        {
            await _readers.RunAsync(
                token =>
                {
                    using var lease = open.Folder.State.Lease();
                    if (Array.Find(lease.View.Days, item => item.File.Day == day) is not { } view || !DayRewrite.IsDue(view, _settings))
                        return false;
                    Rewrite(open, new DayRewrite(_files, _paths, view), day, token);
                    return true;
                },
                ShortRead * 20,
                cancellationToken);
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            LogNotRewritten(_logger, _paths.Lines(day), exception.Message);
        }
        finally
        {
            _rewriting.Release();
        }
    }

    private void Rewrite(OpenStore open, DayRewrite rewrite, DateOnly day, CancellationToken cancellationToken)
    {
        var isDone = false;
        try
        {
            rewrite.CopyBulk();
            isDone = open.Writer.RunAsync(
                () => open.Folder.Days.TryGetValue(day, out var state) && rewrite.Finish(state, open.Folder.State, _damage), cancellationToken).GetAwaiter().GetResult();
        }
        finally
        {
            // Retention is there to make room: a copy that is of no use must not take it.
            if (!isDone)
                rewrite.Discard();
        }
    }

    private Task<T> QueryAsync<T>(LogQueryPlan plan, Func<FileQuery, T> read, TimeSpan limit, CancellationToken cancellationToken) =>
        ReadAsync((view, token) => read(new FileQuery(view, plan, _damage, _clock, token)), limit, cancellationToken);

    private async Task<T> ReadAsync<T>(Func<FolderView, CancellationToken, T> read, TimeSpan limit, CancellationToken cancellationToken)
    {
        var state = Open.Folder.State;
        try
        {
            return await _readers.RunAsync(
                token =>
                {
                    using var lease = state.Lease();
                    return read(lease.View, token);
                },
                limit,
                cancellationToken);
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            throw new StoreException(FileFailures.Of(exception), exception);
        }
    }

    private sealed record OpenStore(OpenFolder Folder, FileWriter Writer, FileExpiry Expiry, FileStoreReport Report);

    [LoggerMessage(3110, LogLevel.Information, "Store {Folder} is open, file version {Version}, {Days} days")]
    private static partial void LogOpened(ILogger logger, string folder, int version, int days);

    [LoggerMessage(3115, LogLevel.Warning, "{File} could not be rewritten without what has expired: {Detail}")]
    private static partial void LogNotRewritten(ILogger logger, string file, string detail);
}
