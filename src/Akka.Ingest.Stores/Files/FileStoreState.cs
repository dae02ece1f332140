namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>What everybody may know of an open store. The writer changes it in one step for each commit; readers take it as it is.</summary>
internal sealed class FileStoreState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SpoolPartition, StoredPosition> _positions = [];
    private readonly HashSet<Guid> _spools = [];
    private readonly Dictionary<CountKey, Tally> _counts = [];
    private FolderView _view = FolderView.Empty;
    private bool _isClosed;

    /// <summary>The position; null for a spool never seen.</summary>
    public StoredPosition? ReadPosition(SpoolPartition partition)
    {
        lock (_lock)
        {
            if (_positions.TryGetValue(partition, out var position))
                return position;
            return _spools.Contains(partition.SpoolId) ? StoredPosition.Start : null;
        }
    }

    public Dictionary<SpoolPartition, StoredPosition> Positions
    {
        get
        {
            lock (_lock)
                return new Dictionary<SpoolPartition, StoredPosition>(_positions);
        }
    }

    public IReadOnlyList<StoredCounts> Counts
    {
        get
        {
            lock (_lock)
                return [.. _counts.Select(pair => new StoredCounts(pair.Key.SpoolId, pair.Key.ApiKeyId, pair.Value.Stored, pair.Value.Expired))];
        }
    }

    /// <summary>What is there now, with every file kept open until the lease is given back.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ViewLease Lease()
    {
        while (true)
        {
            FolderView view;
            lock (_lock)
            {
                if (_isClosed)
                    throw new ObjectDisposedException(null, "The store is closed.");
                view = _view;
            }

            if (ViewLease.TryTake(view) is { } lease)
                return lease;
        }
    }

    /// <summary>Takes over what was found at start.</summary>
    public void Open(FolderView view, PositionTable positions, IReadOnlyDictionary<CountKey, long> expired)
    {
        foreach (var block in view.Days.SelectMany(day => day.Blocks))
            Count(block, 1);
        foreach (var (key, events) in expired)
            Tally(key).Expired += events;
        Move(view, positions.All);
    }

    /// <summary>Shows a commit.</summary>
    public void Commit(IReadOnlyList<DayState> days, IReadOnlyList<FileBlock> added, IReadOnlyDictionary<SpoolPartition, StoredPosition> positions)
    {
        lock (_lock)
        {
            foreach (var block in added)
                Count(block, 1);
            Move(With(days), positions);
        }
    }

    /// <summary>Shows that events have expired.</summary>
    public void Expire(DayState day, IReadOnlyDictionary<CountKey, long> expired)
    {
        lock (_lock)
        {
            foreach (var (key, events) in expired)
            {
                var tally = Tally(key);
                tally.Stored -= events;
                tally.Expired += events;
            }

            _view = With([day]);
        }
    }

    /// <summary>Shows other files for the same events.</summary>
    public void Show(DayState day)
    {
        lock (_lock)
            _view = With([day]);
    }

    /// <summary>Gives out nothing any more; before the files are closed.</summary>
    public void Close()
    {
        lock (_lock)
            _isClosed = true;
    }

    private FolderView With(IReadOnlyList<DayState> days)
    {
        var view = _view;
        foreach (var day in days)
            view = view.With(day.File.Day, day.IsEmpty ? null : day.View);
        return view;
    }

    private void Move(FolderView view, IReadOnlyDictionary<SpoolPartition, StoredPosition> positions)
    {
        foreach (var (partition, position) in positions)
        {
            _positions[partition] = position;
            _spools.Add(partition.SpoolId);
        }

        _view = view;
    }

    private void Count(FileBlock block, int sign)
    {
        foreach (var run in block.Runs)
            Tally(new CountKey(run.Partition.SpoolId, run.ApiKeyId)).Stored += sign * run.Count;
    }

    private Tally Tally(CountKey key)
    {
        if (!_counts.TryGetValue(key, out var tally))
            _counts.Add(key, tally = new Tally());
        return tally;
    }
}

/// <summary>Events of one key.</summary>
internal sealed class Tally
{
    public long Stored { get; set; }

    public long Expired { get; set; }
}

/// <summary>A view whose files stay open until it is disposed.</summary>
internal sealed class ViewLease : IDisposable
{
    private ViewLease(FolderView view) => View = view;

    public FolderView View { get; }

    public static ViewLease? TryTake(FolderView view)
    {
        for (var i = 0; i < view.Days.Length; i++)
        {
            if (view.Days[i].File.TryUse())
                continue;
            while (--i >= 0)
                view.Days[i].File.Release();
            return null;
        }

        return new ViewLease(view);
    }

    public void Dispose()
    {
        foreach (var day in View.Days)
            day.File.Release();
    }
}
