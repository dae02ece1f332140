namespace Akka.Ingest.Stores.Segmented.State;

/// <summary>Keeps files until the last query that may still read them has ended.</summary>
internal sealed class ViewLeases
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, int> _readers = [];
    private readonly Queue<(long Removals, Action Remove)> _retired = [];

    /// <summary>The view as it is now; dispose the lease when done.</summary>
    public ViewLease Take(Func<StoreView> current)
    {
        lock (_lock)
        {
            var view = current();
            _readers[view.Removals] = _readers.GetValueOrDefault(view.Removals) + 1;
            return new ViewLease(this, view);
        }
    }

    /// <summary>Calls <paramref name="remove"/> once no view older than <paramref name="removals"/> is in use.</summary>
    public void Retire(long removals, Action remove)
    {
        lock (_lock)
            _retired.Enqueue((removals, remove));
        RemoveUnused();
    }

    internal void Release(StoreView view)
    {
        lock (_lock)
        {
            if (--_readers[view.Removals] == 0)
                _readers.Remove(view.Removals);
        }

        RemoveUnused();
    }

    private void RemoveUnused()
    {
        while (true)
        {
            Action remove;
            lock (_lock)
            {
                if (_retired.Count == 0 || (_readers.Count > 0 && _readers.First().Key < _retired.Peek().Removals))
                    return;
                remove = _retired.Dequeue().Remove;
            }

            remove();
        }
    }
}

/// <summary>A view in use.</summary>
internal sealed class ViewLease(ViewLeases leases, StoreView view) : IDisposable
{
    public StoreView View => view;

    public void Dispose() => leases.Release(view);
}
