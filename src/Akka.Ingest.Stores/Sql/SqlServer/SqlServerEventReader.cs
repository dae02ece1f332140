namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data.Common;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>
/// Turns rows of <see cref="SqlServerScanSql.Columns"/> with their record back into events and refuses those that are not what was
/// written: the checksum covers the record, the id, the time of receipt and the API key; time and level must be those of the record.
/// </summary>
internal sealed class SqlServerEventReader
{
    private byte[] _apiKeyBytes = [];
    private string _apiKey = "";

    /// <summary>What the row says it is.</summary>
    public static EventId IdOf(DbDataReader row) => new(SqlServerRows.Spool(row, 1), row.GetByte(2), row.GetInt64(3));

    /// <summary>The event; null where the row was altered since it was written.</summary>
    public StoredEvent? Read(DbDataReader row)
    {
        var id = IdOf(row);
        var received = row.GetInt64(5);
        var apiKey = SqlServerRows.Bytes(row, 7);
        var bytes = SqlServerRows.Bytes(row, SqlServerScanSql.RecordColumn);
        var seed = StoredEventChecksum.SeedOf(id.SpoolId, id.Partition, received, apiKey);
        if (StoredEventChecksum.Of(bytes, id.Ordinal, seed) != unchecked((ulong)row.GetInt64(6)))
            return null;
        var record = EventRecord.Read(bytes);
        if (record.TimestampTicks != row.GetInt64(0) || (byte)record.Severity != row.GetByte(4) || record.Bytes.Length != bytes.Length)
            return null;
        return new StoredEvent(id, new DateTime(received, DateTimeKind.Utc), ApiKeyText(apiKey), bytes);
    }

    private string ApiKeyText(byte[] utf8)
    {
        if (!utf8.AsSpan().SequenceEqual(_apiKeyBytes))
        {
            _apiKeyBytes = utf8;
            _apiKey = Encoding.UTF8.GetString(utf8);
        }

        return _apiKey;
    }
}
