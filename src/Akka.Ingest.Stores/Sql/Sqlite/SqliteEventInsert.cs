namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;

/// <summary>Writes encoded records as rows: the bytes go from the batch to the statement, no string is made.</summary>
internal sealed class SqliteEventInsert(SqliteSession session)
{
    private const int FirstField = 9;
    private static readonly string Sql =
        "INSERT INTO Events (arrival, id, timestamp, fraction_digits, level, received, checksum, api_key, " +
        string.Join(", ", SqliteSchema.FieldColumns) + ") VALUES (" + string.Join(", ", Enumerable.Repeat("?", 8 + EventFields.Count)) + ")";

    private readonly SqliteStatement _statement = session.Prepare(Sql);
    private int _bound;

    /// <summary>Begins a run of rows with the same origin.</summary>
    public void Begin(long receivedTicks, string apiKeyId)
    {
        _statement.Bind(6, receivedTicks);
        if (apiKeyId.Length == 0)
            _statement.BindNull(8);
        else
            _statement.Bind(8, Encoding.UTF8.GetBytes(apiKeyId));
    }

    public void Insert(in EventRecord record, long arrival, long packedId, ulong originSeed)
    {
        _statement.Bind(1, arrival);
        _statement.Bind(2, packedId);
        _statement.Bind(3, record.TimestampTicks);
        _statement.Bind(4, record.FractionDigits);
        _statement.Bind(5, (long)record.Severity);
        _statement.Bind(7, unchecked((long)EventChecksum.Of(record.Bytes, packedId, originSeed)));
        for (var field = 0; field < EventFields.Count; field++)
        {
            var bit = 1 << field;
            if (record.Has((EventField)field))
            {
                _statement.Bind(FirstField + field, record[(EventField)field]);
                _bound |= bit;
            }
            else if ((_bound & bit) != 0)
            {
                _statement.BindNull(FirstField + field);
                _bound &= ~bit;
            }
        }

        _statement.Execute();
    }
}

/// <summary>XxHash3 over everything of an event that a query returns: the record, its id, when and from whom it came.</summary>
internal static class EventChecksum
{
    public static ulong SeedOf(long receivedTicks, ReadOnlySpan<byte> apiKeyId) => XxHash3.HashToUInt64(apiKeyId, receivedTicks);

    public static ulong Of(ReadOnlySpan<byte> record, long packedId, ulong originSeed) =>
        XxHash3.HashToUInt64(record, unchecked((long)originSeed ^ (packedId * 0x1E3779B97F4A7C15)));
}
