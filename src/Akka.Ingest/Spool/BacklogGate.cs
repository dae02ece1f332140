namespace Akka.Ingest.Spool;

using Akka.Ingest.Hosting;
using Akka.Ingest.Model;

/// <summary>
/// Holds <c>QueueCapacity</c>: events accepted but not yet stored, plus those of requests on their way into the journal. A request
/// for which there is no room waits in line, since most clients lose data on a refusal and none on a slow answer.
/// </summary>
/// <remarks>Thread-safe. One gate for all partitions of a node.</remarks>
public sealed class BacklogGate
{
    /// <summary>Requests that wait at most; the next one is refused at once.</summary>
    public const int MaxWaiters = 1_024;

    /// <summary>Bytes of events, uncompressed, that wait at most.</summary>
    public const long MaxWaitingBytes = 64L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly long[] _backlogs;
    private readonly long _capacity;
    private readonly TimeSpan _maxHold;
    private readonly TimeProvider _time;
    private long _used;
    private long _waitingBytes;
    private bool _stopping;

    public BacklogGate(IngestionPipelineOptions options, TimeProvider time)
    {
        _backlogs = new long[options.Partitions];
        _capacity = options.QueueCapacity;
        _maxHold = TimeSpan.FromMilliseconds(options.MaxHoldMs);
        _time = time;
    }

    /// <summary>Events accepted but not stored, and reserved.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    public bool IsStopping
    {
        get
        {
            lock (_lock)
                return _stopping;
        }
    }

    public int WaitingRequests
    {
        get
        {
            lock (_lock)
                return _waiters.Count;
        }
    }

    /// <summary>
    /// Reserves room for a request. Null: it may go on, and <see cref="Release"/> follows once the journal has answered. Else the
    /// refusal. A request larger than the whole capacity passes when nothing else is there.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client is gone; nothing is reserved.</exception>
    public ValueTask<IngestError?> EnterAsync(int eventCount, long rawBytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_stopping)
                return new(SpoolErrors.Stopping);
            if (_waiters.Count == 0 && Fits(eventCount))
            {
                _used += eventCount;
                return new((IngestError?)null);
            }

            if (_maxHold == TimeSpan.Zero)
                return new(SpoolErrors.QueueFull($"{_used} of {_capacity} events wait for the store."));
            if (_waiters.Count >= MaxWaiters || _waitingBytes + rawBytes > MaxWaitingBytes)
                return new(SpoolErrors.QueueFull($"{_used} of {_capacity} events wait for the store, and {_waiters.Count} requests wait for room."));
            waiter = new Waiter(eventCount, rawBytes);
            waiter.Node = _waiters.AddLast(waiter);
            _waitingBytes += rawBytes;
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>The journal has answered for a request that entered.</summary>
    public void Release(int eventCount) => Change(-eventCount);

    /// <summary>Told by a partition before it answers a request, so that the room is never counted as free in between.</summary>
    internal void SetBacklog(int partition, long events)
    {
        lock (_lock)
        {
            var change = events - _backlogs[partition];
            _backlogs[partition] = events;
            _used += change;
            LetIn();
        }
    }

    /// <summary>Everything that waits, and everything that comes, is refused as <see cref="IngestErrorKind.Stopping"/>.</summary>
    public void StopAccepting()
    {
        lock (_lock)
        {
            _stopping = true;
            while (_waiters.First is { } first)
                Leave(first.Value, SpoolErrors.Stopping);
        }
    }

    private bool Fits(int eventCount) => _used + eventCount <= _capacity || _used <= 0;

    private void Change(long events)
    {
        lock (_lock)
        {
            _used += events;
            LetIn();
        }
    }

    private async ValueTask<IngestError?> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var timer = _time.CreateTimer(_ => TimeOut(waiter), null, _maxHold, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.Register(() => Cancel(waiter, cancellationToken));
        return await waiter.Outcome.Task;
    }

    /// <summary>In order of arrival: a large request is not overtaken for ever by small ones.</summary>
    private void LetIn()
    {
        while (_waiters.First is { } first && Fits(first.Value.EventCount))
        {
            _used += first.Value.EventCount;
            Leave(first.Value, null);
        }
    }

    private void TimeOut(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is null)
                return;
            Leave(waiter, SpoolErrors.QueueFull($"{_used} of {_capacity} events wait for the store; no room came free in {_maxHold.TotalSeconds} s."));
            // It may have been the large one that held up the line.
            LetIn();
        }
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.Node is null)
                return;
            Remove(waiter);
            waiter.Outcome.TrySetCanceled(cancellationToken);
            LetIn();
        }
    }

    private void Leave(Waiter waiter, IngestError? outcome)
    {
        Remove(waiter);
        waiter.Outcome.TrySetResult(outcome);
    }

    private void Remove(Waiter waiter)
    {
        _waiters.Remove(waiter.Node!);
        waiter.Node = null;
        _waitingBytes -= waiter.RawBytes;
    }

    private sealed class Waiter(int eventCount, long rawBytes)
    {
        public int EventCount { get; } = eventCount;
        public long RawBytes { get; } = rawBytes;
        public LinkedListNode<Waiter>? Node { get; set; }
        public TaskCompletionSource<IngestError?> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
