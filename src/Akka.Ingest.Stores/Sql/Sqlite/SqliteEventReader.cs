namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Reads whole rows back into records and refuses those that are not what was written.</summary>
internal sealed class SqliteEventReader(SqliteSession session, IReadOnlyDictionary<int, Guid> spools, AlteredRows altered) : IDisposable
{
    private const int FirstField = 7;
    private static readonly string Sql =
        "SELECT id, timestamp, fraction_digits, level, received, checksum, api_key, " + string.Join(", ", SqliteSchema.FieldColumns) +
        " FROM Events WHERE arrival = ?";

    private readonly SqliteStatement _statement = session.Prepare(Sql);
    private readonly EventRecordWriter _writer = new(1024);
    private byte[] _apiKeyBytes = [];
    private string _apiKey = "";

    /// <summary>The event at an arrival; null where there is none, or where it was altered since it was written.</summary>
    public StoredEvent? Read(long arrival)
    {
        _statement.Bind(1, arrival);
        try
        {
            if (!_statement.Step())
                return null;
            var stored = ReadRow();
            if (stored is null)
                altered.Add(arrival);
            return stored;
        }
        finally
        {
            _statement.Reset();
        }
    }

    public void Dispose() => _writer.Dispose();

    private StoredEvent? ReadRow()
    {
        var packedId = _statement.Int64(0);
        var received = _statement.Int64(4);
        var level = _statement.Int64(3);
        var digits = _statement.Int64(2);
        if (!spools.TryGetValue(PackedId.SpoolNumber(packedId), out var spoolId) || received < 0 || received > DateTime.MaxValue.Ticks
            || level is < 0 or > 5 || digits is < 0 or > 7)
            return null;
        _writer.Clear();
        RecordColumns.Write(_writer, _statement, _statement.Int64(1), (int)digits, (Severity)level, FirstField, RecordColumns.All);
        var apiKey = _statement.Bytes(6);
        var seed = EventChecksum.SeedOf(received, apiKey);
        if (EventChecksum.Of(_writer.WrittenSpan, packedId, seed) != unchecked((ulong)_statement.Int64(5)))
            return null;
        return new StoredEvent(
            PackedId.Unpack(packedId, spoolId), new DateTime(received, DateTimeKind.Utc), ApiKeyText(apiKey), _writer.WrittenSpan.ToArray());
    }

    private string ApiKeyText(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.SequenceEqual(_apiKeyBytes))
        {
            _apiKeyBytes = utf8.ToArray();
            _apiKey = Encoding.UTF8.GetString(utf8);
        }

        return _apiKey;
    }
}

/// <summary>Turns columns back into a record.</summary>
internal static class RecordColumns
{
    public const int All = (1 << EventFields.Count) - 1;

    /// <summary>Appends a record with those of <paramref name="fields"/> that are not NULL; their columns follow each other.</summary>
    public static void Write(
        EventRecordWriter writer, SqliteStatement row, long timestampTicks, int fractionDigits, Severity severity, int firstColumn, int fields)
    {
        writer.Begin(timestampTicks, fractionDigits, severity);
        var column = firstColumn;
        for (var field = 0; field < EventFields.Count; field++)
        {
            if ((fields & (1 << field)) == 0)
                continue;
            var bytes = row.Bytes(column);
            if (!bytes.IsEmpty || !row.IsNull(column))
                writer.Append((EventField)field, bytes);
            column++;
        }

        writer.End();
    }
}
