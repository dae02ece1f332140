namespace Akka.Ingest.Http;

/// <summary>
/// The memory that all requests together may hold in bodies and encoded blocks, in bytes. Who finds it used up waits in line;
/// a request that is already being read goes before those that have not begun, since only it gives bytes back soon.
/// </summary>
/// <remarks>Thread-safe. The line is bounded: beyond <see cref="MaxWaiting"/> a request is refused at once.</remarks>
internal sealed class InFlightBudget(long maxBytes, TimeProvider time)
{
    /// <summary>How many requests may wait.</summary>
    public const int MaxWaiting = 4_096;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _used;

    public long MaxBytes { get; } = maxBytes;

    /// <summary>Bytes held now; may pass the limit by what <see cref="TakeAnyway"/> took.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    public bool TryTake(long bytes)
    {
        lock (_lock)
        {
            if (_waiting.Count > 0 || _used + bytes > MaxBytes)
                return false;
            _used += bytes;
            return true;
        }
    }

    /// <summary>Takes what is in memory already and only shrinks from here on.</summary>
    public void TakeAnyway(long bytes)
    {
        lock (_lock)
            _used += bytes;
    }

    /// <summary>Waits for room; false when there was none in time or too many wait.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is taken.</exception>
    public async ValueTask<bool> TakeAsync(long bytes, bool alreadyReading, TimeSpan hold, CancellationToken cancellationToken)
    {
        if (TryTake(bytes))
            return true;
        if (hold <= TimeSpan.Zero || bytes > MaxBytes)
            return false;
        var waiter = new Waiter(bytes);
        lock (_lock)
        {
            if (_waiting.Count >= MaxWaiting)
                return false;
            waiter.Node = alreadyReading ? _waiting.AddFirst(waiter) : _waiting.AddLast(waiter);
            Admit();
        }

        try
        {
            await waiter.Granted.Task.WaitAsync(hold, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return GiveUp(waiter);
        }
        catch (OperationCanceledException)
        {
            if (GiveUp(waiter))
                Return(bytes);
            throw;
        }
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            Admit();
        }
    }

    // True when the room was given in the moment of giving up.
    private bool GiveUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is not { } node)
                return true;
            _waiting.Remove(node);
            waiter.Node = null;
            Admit();
            return false;
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && _used + first.Value.Bytes <= MaxBytes)
        {
            _waiting.RemoveFirst();
            _used += first.Value.Bytes;
            first.Value.Node = null;
            first.Value.Granted.SetResult();
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;
        public LinkedListNode<Waiter>? Node { get; set; }
        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
