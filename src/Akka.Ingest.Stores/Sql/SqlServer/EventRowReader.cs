namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Collections;
using System.Data.Common;
using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>
/// The rows of table <c>Events</c> for a bulk copy, made one at a time from the bytes of the batches: nothing is held but the
/// present row.
/// </summary>
/// <remarks>A bulk copy asks for <see cref="Read"/> and <see cref="GetValue"/> only; the rest is what the base class demands.</remarks>
internal sealed class EventRowReader(IReadOnlyList<StoreBatch> batches) : DbDataReader
{
    /// <summary>Destination columns, by ordinal.</summary>
    public static readonly string[] Columns =
    [
        "event_time", "spool", "partition", "ordinal", "level", "received", "day", "checksum", "api_key", "trace_hash", "source", "category",
        "record",
    ];

    private static readonly Type[] Types =
    [
        typeof(long), typeof(byte[]), typeof(byte), typeof(long), typeof(byte), typeof(long), typeof(DateTime), typeof(long), typeof(byte[]),
        typeof(long), typeof(byte[]), typeof(byte[]), typeof(byte[]),
    ];

    private readonly object[] _row = new object[Columns.Length];
    private int _batch = -1;
    private int _slice;
    private int _left;
    private long _ordinal;
    private ulong _seed;
    private ReadOnlyMemory<byte> _records;

    /// <summary>Lookup of a trace id: equal texts have equal numbers, others hardly ever.</summary>
    public static long TraceHashOf(ReadOnlySpan<byte> traceId) => unchecked((long)XxHash3.HashToUInt64(traceId));

    public override bool Read()
    {
        while (_left == 0)
        {
            if (!NextSlice())
                return false;
        }

        var record = EventRecord.Read(_records.Span);
        _row[0] = record.TimestampTicks;
        _row[3] = _ordinal;
        _row[4] = (byte)record.Severity;
        _row[7] = unchecked((long)StoredEventChecksum.Of(record.Bytes, _ordinal, _seed));
        _row[9] = record.Has(EventField.TraceId) ? TraceHashOf(record[EventField.TraceId]) : DBNull.Value;
        _row[10] = PrefixOf(record, EventField.Source);
        _row[11] = PrefixOf(record, EventField.Category);
        _row[12] = record.Bytes.ToArray();
        _records = _records[record.Bytes.Length..];
        _ordinal++;
        _left--;
        return true;
    }

    private bool NextSlice()
    {
        while (_batch < 0 || _slice >= batches[_batch].Slices.Count)
        {
            if (_batch + 1 >= batches.Count)
                return false;
            _batch++;
            _slice = 0;
            _row[1] = batches[_batch].SpoolId.ToByteArray(bigEndian: true);
            _row[2] = (byte)batches[_batch].Partition;
        }

        var batch = batches[_batch];
        var slice = batch.Slices[_slice++];
        var apiKey = Encoding.UTF8.GetBytes(slice.ApiKeyId);
        _row[5] = slice.ReceivedAt.Ticks;
        _row[6] = slice.ReceivedAt.Date;
        _row[8] = apiKey;
        _seed = StoredEventChecksum.SeedOf(batch.SpoolId, batch.Partition, slice.ReceivedAt.Ticks, apiKey);
        _records = slice.Records;
        _ordinal = slice.FirstOrdinal;
        _left = slice.Count;
        return true;
    }

    private static object PrefixOf(in EventRecord record, EventField field) =>
        record.Has(field) ? SqlServerPrefilter.PrefixOf(record[field]).ToArray() : DBNull.Value;

    public override int FieldCount => Columns.Length;
    public override object GetValue(int ordinal) => _row[ordinal];
    public override bool IsDBNull(int ordinal) => _row[ordinal] is DBNull;
    public override string GetName(int ordinal) => Columns[ordinal];
    public override int GetOrdinal(string name) => Array.IndexOf(Columns, name) is >= 0 and var found ? found : throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such column.");
    public override Type GetFieldType(int ordinal) => Types[ordinal];
    public override string GetDataTypeName(int ordinal) => Types[ordinal].Name;
    public override object this[int ordinal] => _row[ordinal];
    public override object this[string name] => _row[GetOrdinal(name)];
    public override bool HasRows => batches.Any(batch => batch.EventCount > 0);
    public override bool IsClosed => false;
    public override int Depth => 0;
    public override int RecordsAffected => -1;
    public override bool NextResult() => false;
    public override bool GetBoolean(int ordinal) => (bool)_row[ordinal];
    public override byte GetByte(int ordinal) => (byte)_row[ordinal];
    public override char GetChar(int ordinal) => (char)_row[ordinal];
    public override DateTime GetDateTime(int ordinal) => (DateTime)_row[ordinal];
    public override decimal GetDecimal(int ordinal) => (decimal)_row[ordinal];
    public override double GetDouble(int ordinal) => (double)_row[ordinal];
    public override float GetFloat(int ordinal) => (float)_row[ordinal];
    public override Guid GetGuid(int ordinal) => (Guid)_row[ordinal];
    public override short GetInt16(int ordinal) => (short)_row[ordinal];
    public override int GetInt32(int ordinal) => (int)_row[ordinal];
    public override long GetInt64(int ordinal) => (long)_row[ordinal];
    public override string GetString(int ordinal) => (string)_row[ordinal];
    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
    {
        var value = (byte[])_row[ordinal];
        if (buffer is null)
            return value.Length;
        var count = (int)Math.Clamp(value.Length - dataOffset, 0, length);
        value.AsSpan((int)dataOffset, count).CopyTo(buffer.AsSpan(bufferOffset));
        return count;
    }

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, _row.Length);
        Array.Copy(_row, values, count);
        return count;
    }
}
