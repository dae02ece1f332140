namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data.Common;
using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Asks a plan of the rows of a scan, with the evaluator that all providers share. Every row is checked before it is asked.</summary>
internal sealed class SqlServerMatcher(LogQueryPlan plan)
{
    private readonly EventFilter _filter = plan.CreateFilter();
    private readonly SqlServerEventReader _reader = new();
    private readonly List<EventId> _altered = [];

    /// <summary>True when every row of the right time and level matches.</summary>
    public bool IsTrue => _filter.IsTrue;

    /// <summary>Rows that are not what was written.</summary>
    public IReadOnlyList<EventId> Altered => _altered;

    /// <summary>Bytes of the records seen.</summary>
    public long RecordBytes { get; private set; }

    /// <summary>The row as it was looked at; <paramref name="place"/> is its key in the order of the walk.</summary>
    public static SqlScannedRow RowOf(DbDataReader row, long place)
    {
        var id = SqlServerEventReader.IdOf(row);
        return new SqlScannedRow(place, default, id.SpoolId, SqlEventId.Pack(id), row.GetInt64(0), (Severity)row.GetByte(4));
    }

    /// <summary>The event where it matches; null where it does not, or was altered.</summary>
    public StoredEvent? Match(DbDataReader row)
    {
        if (row.IsDBNull(SqlServerScanSql.RecordColumn))
            return null;
        if (_reader.Read(row) is not { } stored)
        {
            _altered.Add(SqlServerEventReader.IdOf(row));
            return null;
        }

        RecordBytes += stored.Record.Length;
        var record = EventRecord.Read(stored.Record.Span);
        if (!plan.Levels.Contains(record.Severity) || record.TimestampTicks < plan.FromTicks || record.TimestampTicks >= plan.ToTicks)
            return null;
        if (IsTrue)
            return stored;
        try
        {
            var origin = new EventOrigin(stored.Id, stored.ReceivedAt.Ticks, Encoding.UTF8.GetBytes(stored.ApiKeyId));
            return _filter.Matches(record, origin) ? stored : null;
        }
        catch (JsonException)
        {
            // Written like that, for its checksum holds: it matches nothing.
            return null;
        }
    }
}
