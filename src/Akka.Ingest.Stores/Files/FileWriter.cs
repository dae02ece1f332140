namespace Akka.Ingest.Stores.Files;

using System.Threading.Channels;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>
/// The one writer of the folder, on a thread of its own: a flush blocks, and thread-pool threads serve requests. Appends that wait at the
/// same time share a write and a flush. Retention takes its turn between them.
/// </summary>
internal sealed partial class FileWriter : IAsyncDisposable
{
    private const int MaxWaiting = 256;
    private readonly FileStoreSettings _settings;
    private readonly OpenFolder _folder;
    private readonly FileAppender _appender;
    private readonly ILogger _logger;
    private readonly Channel<Pending> _waiting = Channel.CreateBounded<Pending>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Pending? _next;

    /// <param name="folder">Owned from here on.</param>
    public FileWriter(FileStoreSettings settings, OpenFolder folder, FileAppender appender, ILogger logger)
    {
        _settings = settings;
        _folder = folder;
        _appender = appender;
        _logger = logger;
        new Thread(Run) { IsBackground = true, Name = "file-store-writer" }.Start();
    }

    /// <summary>Commits the batch, or says why not. The token counts only while the batch waits for its turn.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed before the batch was taken.</exception>
    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        var pending = new Pending.Append(batch, cancellationToken);
        await EnqueueAsync(pending, cancellationToken);
        return await pending.Completion.Task;
    }

    /// <summary>Runs something between two writes.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await EnqueueAsync(
            new Pending.Work(() =>
            {
                try
                {
                    completion.SetResult(work());
                }
#pragma warning disable CA1031 // Whoever waits gets it.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    completion.SetException(exception);
                }
            }),
            cancellationToken);
        return await completion.Task;
    }

    /// <summary>Finishes what waits, then closes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended.Task;
    }

    private async Task EnqueueAsync(Pending pending, CancellationToken cancellationToken)
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
        var group = new List<Pending.Append>();
        while (_next is not null || _waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            TakeGroup(group);
            if (group.Count > 0)
                WriteGroup(group);
            group.Clear();
        }

        _folder.Dispose();
        _ended.SetResult();
    }

    // Batches that go to the same place, in the order in which they came.
    private void TakeGroup(List<Pending.Append> group)
    {
        var events = 0;
        long bytes = 0;
        BatchPlace? place = null;
        while (events < _settings.MaxGroupEvents && bytes < _settings.MaxGroupBytes && TryTake(out var pending))
        {
            if (pending is Pending.Work work)
            {
                if (group.Count > 0)
                {
                    _next = pending;
                    return;
                }

                work.Run();
                continue;
            }

            var append = (Pending.Append)pending;
            if (append.CancellationToken.IsCancellationRequested)
            {
                append.Completion.SetCanceled(append.CancellationToken);
                continue;
            }

            var next = BatchPlace.Of(append.Batch);
            if (place is { } taken && (next != taken || !taken.IsShared))
            {
                _next = append;
                return;
            }

            place = next;
            group.Add(append);
            events += append.Batch.EventCount;
            bytes += append.Batch.RawBytes;
        }
    }

    private bool TryTake(out Pending pending)
    {
        pending = _next!;
        _next = null;
        return pending is not null || _waiting.Reader.TryRead(out pending!);
    }

    private void WriteGroup(List<Pending.Append> group)
    {
        var results = TryCommit(group);
        if (results[0] is StoreAppendResult.Failed { Failure.Code: FileFailures.Unexpected } && group.Count > 1)
        {
            // One bad batch must not fail its neighbours: each again on its own. (A full disk fails them all alike.)
            for (var i = 0; i < group.Count; i++)
                results[i] = TryCommit([group[i]])[0];
        }

        for (var i = 0; i < group.Count; i++)
            group[i].Completion.SetResult(results[i]);
    }

    // Nothing may escape: the thread serves every partition, and whoever waits must be answered.
    private StoreAppendResult[] TryCommit(IReadOnlyList<Pending.Append> group)
    {
        try
        {
            return _appender.Append([.. group.Select(pending => pending.Batch)]);
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = FileFailures.Of(exception);
            LogFailed(_logger, exception, failure.Code, failure.Detail);
            return [.. group.Select(StoreAppendResult (_) => new StoreAppendResult.Failed(failure))];
        }
    }

    private abstract record Pending
    {
        public sealed record Append(StoreBatch Batch, CancellationToken CancellationToken) : Pending
        {
            public TaskCompletionSource<StoreAppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public sealed record Work(Action Run) : Pending;
    }

    [LoggerMessage(3114, LogLevel.Warning, "The store did not take a write; it will be repeated: {Code}: {Detail}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string code, string detail);
}
