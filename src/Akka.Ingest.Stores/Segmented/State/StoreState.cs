namespace Akka.Ingest.Stores.Segmented.State;

using System.Collections.Immutable;
using Akka.Ingest.Model;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Sealing;

/// <summary>What the store is at this moment: the one place where the writer, the background work and the queries meet. Thread-safe.</summary>
internal sealed class StoreState(Manifest manifest)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid SpoolId, int Partition), StoredPosition> _positions = new(manifest.Positions);
    private readonly HashSet<Guid> _spools = [.. manifest.Positions.Keys.Select(key => key.SpoolId)];
    private StoreView _view = StoreView.Empty with { NextArrival = manifest.NextArrival };

    public ViewLeases Leases { get; } = new();

    /// <summary>The manifest on disk.</summary>
    public Manifest Manifest { get; private set; } = manifest;

    public StoreView View
    {
        get
        {
            lock (_lock)
                return _view;
        }
    }

    /// <summary>Reads view and manifest as they belong together.</summary>
    public T Read<T>(Func<StoreView, Manifest, T> read)
    {
        StoreView view;
        Manifest current;
        lock (_lock)
            (view, current) = (_view, Manifest);
        return read(view, current);
    }

    public ViewLease Lease() => Leases.Take(() => View);

    /// <summary>Null for a spool never seen; the start for a partition of a known one.</summary>
    public StoredPosition? Position(Guid spoolId, int partition)
    {
        lock (_lock)
        {
            if (_positions.TryGetValue((spoolId, partition), out var position))
                return position;
            return _spools.Contains(spoolId) ? StoredPosition.Start : null;
        }
    }

    /// <summary>A new file is written to from now on.</summary>
    public void Add(ActiveFile file)
    {
        lock (_lock)
            _view = _view with { Actives = _view.Actives.Add(new ActiveView(file, [], 0)) };
    }

    /// <summary>Nothing more is appended to the last file.</summary>
    public void Complete()
    {
        lock (_lock)
            _view = _view with { Actives = _view.Actives.SetItem(_view.Actives.Length - 1, _view.Actives[^1] with { IsComplete = true }) };
    }

    /// <summary>Frames were flushed to the last active file: all of them become visible at once.</summary>
    public void Add(IReadOnlyList<FrameBlock> frames)
    {
        lock (_lock)
        {
            var active = _view.Actives[^1];
            var nextArrival = _view.NextArrival;
            foreach (var frame in frames)
            {
                active = active.With(frame);
                nextArrival = Math.Max(nextArrival, frame.Header.FirstArrival + frame.Header.Events);
                _positions[(frame.Header.SpoolId, frame.Header.Partition)] = frame.Header.Next;
                _spools.Add(frame.Header.SpoolId);
            }

            _view = _view with { Actives = _view.Actives.SetItem(_view.Actives.Length - 1, active), NextArrival = nextArrival };
        }
    }

    /// <summary>The manifest was replaced on disk: what it lists is the store from now on.</summary>
    public void Replace(Manifest manifest, ImmutableArray<Segment> segments)
    {
        lock (_lock)
        {
            Manifest = manifest;
            _view = _view with
            {
                Segments = segments,
                Actives = [.. _view.Actives.Where(active => active.File.Number >= manifest.FirstActive)],
                Removals = _view.Removals + 1,
            };
        }
    }
}
