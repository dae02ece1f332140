namespace Akka.Ingest.Stores.Files;

using System.Collections.Concurrent;
using Akka.Ingest.Storage;

/// <summary>Runs reads, a few at a time, on threads of their own: the disk blocks, and thread-pool threads serve requests.</summary>
internal sealed class BlockingReaders(int count) : IDisposable
{
    private readonly BlockingCollection<Action> _waiting = [];
    private readonly Lock _lock = new();
    private int _threads;
    private int _busy;

    /// <exception cref="StoreException">The work took longer than <paramref name="limit"/>.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> work, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var token = deadline.Token;
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                token.ThrowIfCancellationRequested();
                completion.SetResult(work(token));
            }
#pragma warning disable CA1031 // Whoever waits gets it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                completion.SetException(exception);
            }
        });
        try
        {
            return await completion.Task;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(new StoreFailure(
                StoreFailureKind.Throttled, "file:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!));
        }
    }

    /// <summary>Takes no more work; what was taken is finished.</summary>
    public void Dispose() => _waiting.CompleteAdding();

    private void Enqueue(Action work)
    {
        ObjectDisposedException.ThrowIf(_waiting.IsAddingCompleted, this);
        _waiting.Add(work);
        lock (_lock)
        {
            if (++_busy <= _threads || _threads == count)
                return;
            _threads++;
        }

        new Thread(Run) { IsBackground = true, Name = "file-store-reader" }.Start();
    }

    private void Run()
    {
        foreach (var work in _waiting.GetConsumingEnumerable())
        {
            work();
            lock (_lock)
                _busy--;
        }
    }
}
