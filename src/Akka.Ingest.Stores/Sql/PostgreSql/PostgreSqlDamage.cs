namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Events that were found altered since the store was opened.</summary>
internal sealed class PostgreSqlDamage
{
    private const int MaxListed = 1_000;
    private readonly Lock _lock = new();
    private readonly HashSet<EventId> _listed = [];

    public void Add(IEnumerable<EventId> altered)
    {
        lock (_lock)
        {
            foreach (var id in altered.TakeWhile(_ => _listed.Count < MaxListed))
                _listed.Add(id);
        }
    }

    public IReadOnlyList<StoreDamage> ToReport()
    {
        lock (_lock)
        {
            return [.. _listed.Select(id => new StoreDamage(
                $"events, row of {id}", "The row does not match its checksum.", [new EventIdRange(id.SpoolId, id.Partition, id.Ordinal, 1)]))];
        }
    }
}
