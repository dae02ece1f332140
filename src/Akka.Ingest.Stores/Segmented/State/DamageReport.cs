namespace Akka.Ingest.Stores.Segmented.State;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.Reading;

/// <summary>What was found lost or altered. Thread-safe.</summary>
/// <param name="settled">Damage that the manifest lists already.</param>
internal sealed class DamageReport(IReadOnlyList<StoreDamage> settled)
{
    private readonly Lock _lock = new();
    private readonly List<StoreDamage> _settled = [.. settled];
    private readonly Dictionary<StoredBlock, StoreDamage> _blocks = [];

    /// <summary>All of it.</summary>
    public IReadOnlyList<StoreDamage> All
    {
        get
        {
            lock (_lock)
                return [.. _settled, .. _blocks.Values];
        }
    }

    public void Add(StoreDamage damage)
    {
        lock (_lock)
            _settled.Add(damage);
    }

    /// <summary>Takes the block out of service; true the first time.</summary>
    public bool Add(StoredBlock block, string reason)
    {
        lock (_lock)
        {
            block.MarkAsDamaged();
            return _blocks.TryAdd(block, block.Describe(reason));
        }
    }

    /// <summary>What the manifest has to list once the blocks are no part of the store any more.</summary>
    public IReadOnlyList<StoreDamage> Without(IEnumerable<StoredBlock> blocks)
    {
        lock (_lock)
            return [.. _settled, .. blocks.Select(block => _blocks.GetValueOrDefault(block)).OfType<StoreDamage>()];
    }

    /// <summary>The manifest lists it now: the blocks are gone.</summary>
    public void Settle(IEnumerable<StoredBlock> blocks)
    {
        lock (_lock)
        {
            foreach (var block in blocks)
            {
                if (_blocks.Remove(block, out var damage))
                    _settled.Add(damage);
            }
        }
    }
}
