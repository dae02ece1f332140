namespace Akka.Ingest.Stores.Segmented.Active;

using System.Threading.Channels;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>
/// The one writer of the store, on a thread of its own. Appends that wait at the same time are written together and share a flush.
/// </summary>
internal sealed partial class FrameWriter : IAsyncDisposable
{
    private const int MaxWaiting = 256;
    private readonly SegmentedStoreSettings _settings;
    private readonly FrameLog _log;
    private readonly ILogger _logger;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="log">Owned from here on.</param>
    public FrameWriter(SegmentedStoreSettings settings, FrameLog log, ILogger logger)
    {
        _settings = settings;
        _log = log;
        _logger = logger;
        new Thread(Run) { IsBackground = true, Name = "segmented-store-writer" }.Start();
    }

    /// <summary>Writes and flushes the batch, or says why not. The token counts only while the batch waits for its turn.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed before the batch was taken.</exception>
    public async Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        var pending = new Waiting.Append(batch, cancellationToken);
        await EnqueueAsync(pending, cancellationToken);
        return await pending.Completion.Task;
    }

    /// <summary>Ends the file that is written to, so that it can be sealed. Returns once appends go to another one.</summary>
    public async Task RollAsync(bool onlyIfOld, CancellationToken cancellationToken)
    {
        var pending = new Waiting.Roll(onlyIfOld);
        await EnqueueAsync(pending, cancellationToken);
        await pending.Completion.Task;
    }

    /// <summary>Finishes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended.Task;
    }

    private async Task EnqueueAsync(Waiting waiting, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The store is closed.", exception);
        }
    }

    private void Run()
    {
        var group = new List<Waiting.Append>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            var roll = TakeGroup(group);
            if (group.Count > 0)
                WriteGroup(group);
            group.Clear();
            if (roll is not null)
                Roll(roll);
        }

        Close();
        _ended.SetResult();
    }

    private Waiting.Roll? TakeGroup(List<Waiting.Append> group)
    {
        var events = 0;
        long bytes = 0;
        while (events < _settings.MaxGroupEvents && bytes < _settings.MaxGroupBytes && _waiting.Reader.TryRead(out var next))
        {
            if (next is Waiting.Roll roll)
                return roll;
            var append = (Waiting.Append)next;
            if (append.CancellationToken.IsCancellationRequested)
            {
                append.Completion.SetCanceled(append.CancellationToken);
                continue;
            }

            group.Add(append);
            events += append.Batch.EventCount;
            bytes += append.Batch.RawBytes;
        }

        return null;
    }

    // Nothing may escape: the thread serves every partition, and whoever waits must be answered.
    private void WriteGroup(List<Waiting.Append> group)
    {
        StoreAppendResult[] results;
        try
        {
            results = _log.Write(group.ConvertAll(append => append.Batch));
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = StoreFailures.Of(exception);
            failure = failure.Kind == StoreFailureKind.Permanent ? failure with { Kind = StoreFailureKind.Transient } : failure;
            LogFailed(_logger, exception, failure.Code, failure.Detail);
            results = [.. group.Select(StoreAppendResult (_) => new StoreAppendResult.Failed(failure))];
        }

        for (var i = 0; i < group.Count; i++)
            group[i].Completion.SetResult(results[i]);
    }

    private void Roll(Waiting.Roll roll)
    {
        try
        {
            if (!roll.OnlyIfOld || _log.IsOld)
                _log.Roll();
            roll.Completion.SetResult(true);
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            roll.Completion.SetException(exception);
        }
    }

    private void Close()
    {
        try
        {
            _log.Close();
        }
#pragma warning disable CA1031 // Top-level loop of the writer thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Without its mark the end is read as one of a crash: nothing is lost.
            LogFailed(_logger, exception, StoreFailures.Of(exception).Code, exception.Message);
        }
    }

    private abstract record Waiting
    {
        public sealed record Append(StoreBatch Batch, CancellationToken CancellationToken) : Waiting
        {
            public TaskCompletionSource<StoreAppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public sealed record Roll(bool OnlyIfOld) : Waiting
        {
            public TaskCompletionSource<bool> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "The store did not take a write: {Code}: {Detail}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string code, string detail);
}
