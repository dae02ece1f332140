namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;

/// <summary>Runs reads, a few at a time, on threads outside the pool, because the disk blocks.</summary>
internal sealed class BlockingReaders(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);

    /// <exception cref="StoreException">The work took longer than <paramref name="limit"/>.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> work, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(limit);
            var token = deadline.Token;
            return await Task.Factory.StartNew(() => work(token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(new StoreFailure(
                StoreFailureKind.Throttled, "file:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!));
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
