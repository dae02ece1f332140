namespace Akka.Ingest.Stores.Sql;

using System.Data.Common;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Turns rows of <see cref="SqlColumns.WholeEvent"/> back into events and refuses those that are not what was written.</summary>
/// <param name="readSpool">Reads the spool id of a column, however the database keeps it.</param>
internal sealed class SqlEventReader(Func<DbDataReader, int, Guid> readSpool) : IDisposable
{
    private const int FirstField = 8;
    private readonly EventRecordWriter _writer = new(1024);
    private readonly SqlBytes _bytes = new();
    private readonly SqlBytes _apiKeyBytes = new();
    private byte[] _lastApiKey = [];
    private string _lastApiKeyText = "";

    /// <summary>The event; null where the row was altered since it was written.</summary>
    /// <param name="row">A row.</param>
    /// <param name="id">What the row says it is; also of a row that was altered.</param>
    public StoredEvent? Read(DbDataReader row, out EventId id)
    {
        var spoolId = readSpool(row, 0);
        var packed = row.GetInt64(1);
        id = SqlEventId.Unpack(spoolId, packed);
        var level = row.GetInt16(3);
        var received = row.GetInt64(4);
        var digits = row.GetInt16(6);
        if (packed >> 54 != 0 || level is < 0 or > 5 || digits is < 0 or > 7 || received < 0 || received > DateTime.MaxValue.Ticks)
            return null;

        _writer.Clear();
        _writer.Begin(row.GetInt64(2), digits, (Severity)level);
        for (var field = 0; field < EventFields.Count; field++)
        {
            if (!row.IsDBNull(FirstField + field))
                _writer.Append((EventField)field, _bytes.Read(row, FirstField + field));
        }

        _writer.End();
        var apiKey = row.IsDBNull(7) ? [] : _apiKeyBytes.Read(row, 7);
        var seed = StoredEventChecksum.SeedOf(spoolId, id.Partition, received, apiKey);
        if (StoredEventChecksum.Of(_writer.WrittenSpan, id.Ordinal, seed) != unchecked((ulong)row.GetInt64(5)))
            return null;
        return new StoredEvent(id, new DateTime(received, DateTimeKind.Utc), ApiKeyText(apiKey), _writer.WrittenSpan.ToArray());
    }

    public void Dispose() => _writer.Dispose();

    private string ApiKeyText(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.SequenceEqual(_lastApiKey))
        {
            _lastApiKey = utf8.ToArray();
            _lastApiKeyText = Encoding.UTF8.GetString(utf8);
        }

        return _lastApiKeyText;
    }
}
