namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>Events that were found altered since this process started: counted, logged once each, listed for the health report.</summary>
internal sealed partial class SqlServerDamage(SqlServerDatabase database, ILogger logger)
{
    private const int MaxListed = 1_000;
    private readonly Lock _lock = new();
    private readonly HashSet<EventId> _known = [];

    public void Report(IReadOnlyList<EventId> altered)
    {
        if (altered.Count == 0)
            return;
        StoreInstruments.AlteredRecords.Add(altered.Count);
        int fresh;
        lock (_lock)
            fresh = altered.Count(id => _known.Count < MaxListed && _known.Add(id));
        if (fresh > 0)
            LogAltered(logger, fresh, database.Name);
    }

    public IReadOnlyList<StoreDamage> List()
    {
        lock (_lock)
            return [.. _known.Select(DamageOf)];
    }

    private static StoreDamage DamageOf(EventId id) => new(
        $"dbo.Events, event {id}", "The row does not match its checksum.", [new EventIdRange(id.SpoolId, id.Partition, id.Ordinal, 1)]);

    [LoggerMessage(3211, LogLevel.Error, "{Rows} stored events do not match their checksum and are not served; database {Database} was altered or damaged")]
    private static partial void LogAltered(ILogger logger, int rows, string database);
}
