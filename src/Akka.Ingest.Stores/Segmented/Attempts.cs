namespace Akka.Ingest.Stores.Segmented;

using System.Runtime.ExceptionServices;

/// <summary>Things to do of which none keeps the others from being done when it fails. Not thread-safe.</summary>
internal sealed class Attempts
{
    private readonly List<Exception> _failures = [];

    /// <summary>False where it failed. That the work was called off is no failure of it, and ends the rest as well.</summary>
    public async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
#pragma warning disable CA1031 // Thrown again once the others were tried.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _failures.Add(exception);
            return false;
        }
    }

    /// <inheritdoc cref="TryAsync"/>
    public bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
#pragma warning disable CA1031 // Thrown again once the others were tried.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _failures.Add(exception);
            return false;
        }
    }

    /// <summary>Throws the first failure, the others go to <paramref name="log"/>.</summary>
    public void ThrowFirst(Action<Exception> log)
    {
        foreach (var failure in _failures.Skip(1))
            log(failure);
        if (_failures.Count > 0)
            ExceptionDispatchInfo.Throw(_failures[0]);
    }
}
