namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.Sealing;
using Akka.Ingest.Stores.Segmented.State;
using Microsoft.Extensions.Logging;

/// <summary>The background work: seals, merges small segments, writes damaged ones again without what is lost, expires. One thing at a time.</summary>
internal sealed partial class StoreMaintenance : IAsyncDisposable
{
    /// <summary>A build makes a segment for each day and each so many rows.</summary>
    private const int MaxSegmentsOfOneBuild = 10_000;

    private readonly SegmentedStoreSettings _settings;
    private readonly StoreState _state;
    private readonly FrameWriter _writer;
    private readonly SegmentBuilder _builder;
    private readonly StoreChanges _changes;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private long _nextSegment;

    public StoreMaintenance(
        SegmentedStoreSettings settings, StoreState state, FrameWriter writer, SegmentBuilder builder, StoreChanges changes, ILogger logger)
    {
        _settings = settings;
        _state = state;
        _writer = writer;
        _builder = builder;
        _changes = changes;
        _logger = logger;
        _running = settings.MaintenanceInterval == Timeout.InfiniteTimeSpan ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>There may be something to do.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Everything there is to do now.</summary>
    /// <param name="sealAll">Also what is neither large nor old enough to be sealed.</param>
    /// <exception cref="StoreException">The disk does not do what it should; nothing is half done.</exception>
    public Task RunOnceAsync(bool sealAll, CancellationToken cancellationToken) => DoAsync(
        async () =>
        {
            await _writer.RollAsync(onlyIfOld: !sealAll, cancellationToken);
            Seal();
            Mend();
            Compact(cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc cref="ILogStore.ExpireAsync"/>
    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => DoAsync(
        async () =>
        {
            bool IsHeld(StoreView view) => view.Actives.Any(active => active.Blocks.Any(frame => frame.Header.Tallies.Any(tally => tally.Day == request.Day)));
            var sealedEvents = _state.View.Segments.Where(segment => segment.Entry.Day == request.Day).Sum(segment => segment.Entry.Rows);
            if (sealedEvents < request.Events && IsHeld(_state.View))
            {
                await _writer.RollAsync(onlyIfOld: false, cancellationToken);
                Seal();
            }

            var old = new List<Segment>();
            long events = 0;
            foreach (var segment in _state.View.Segments.Where(segment => segment.Entry.Day == request.Day))
            {
                if (events >= request.Events)
                    break;
                old.Add(segment);
                events += segment.Entry.Rows;
            }

            if (old.Count > 0)
                _changes.Expire(old);
            return new ExpiredEvents(events, old.Sum(segment => segment.Entry.Bytes), events >= request.Events || !IsHeld(_state.View));
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _turn.WaitAsync();
        _turn.Dispose();
        _wake.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(_settings.MaintenanceInterval, _stopping.Token);
                await RunOnceAsync(sealAll: false, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
#pragma warning disable CA1031 // Top-level loop of the background work.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(_logger, exception);
            }
        }
    }

    private async Task<T> DoAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailures.Of(exception), exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Seal()
    {
        var complete = _state.View.Actives.TakeWhile(active => active.IsComplete).ToList();
        while (complete.Count > 0)
        {
            var rows = 0L;
            var part = complete.TakeWhile(active => (rows += active.Blocks.Sum(frame => (long)frame.Count)) <= _settings.SealRows || rows == 0).ToList();
            if (part.Count == 0)
                part.Add(complete[0]);
            _changes.Seal(part, Build([.. part.SelectMany(active => active.Blocks)]));
            complete.RemoveRange(0, part.Count);
        }
    }

    // A number is never used twice: a change that failed may have left files, or even a manifest, that speak of it.
    private List<Segment> Build(IReadOnlyList<StoredBlock> blocks)
    {
        var first = Math.Max(_nextSegment, _state.Manifest.NextSegment);
        _nextSegment = first + MaxSegmentsOfOneBuild;
        var built = _builder.Build(blocks, first);
        _nextSegment = first + built.Count;
        return built;
    }

    private void Mend()
    {
        foreach (var segment in _state.View.Segments.Where(segment => segment.Blocks.Any(block => block.IsDamaged)))
            _changes.Substitute([segment], Build([.. segment.Blocks]), isDamaged: true);
    }

    private void Compact(CancellationToken cancellationToken)
    {
        while (CompactionChoice.Choose(_state.View.Segments, _settings) is { } small)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var merged = Build([.. small.SelectMany(segment => segment.Blocks)]);
            _changes.Substitute(small, merged, isDamaged: small.Any(segment => segment.Blocks.Any(block => block.IsDamaged)));
        }
    }

    [LoggerMessage(3113, LogLevel.Error, "The background work of the store failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

/// <summary>Which segments to merge.</summary>
internal static class CompactionChoice
{
    /// <summary>Small segments of one day that follow each other in arrival and together are not too large; null where there are too few.</summary>
    public static IReadOnlyList<Segment>? Choose(IEnumerable<Segment> segments, SegmentedStoreSettings settings)
    {
        foreach (var day in segments.GroupBy(segment => segment.Entry.Day))
        {
            var run = new List<Segment>();
            foreach (var segment in day)
            {
                var isSmall = segment.IsReadable && segment.Entry.Rows < settings.TargetRows / 2;
                if (!isSmall || run.Sum(item => item.Entry.Rows) + segment.Entry.Rows > settings.TargetRows)
                {
                    if (run.Count >= settings.CompactAtSegments)
                        return run;
                    run = [];
                }

                if (isSmall)
                    run.Add(segment);
            }

            if (run.Count >= settings.CompactAtSegments)
                return run;
        }

        return null;
    }
}
