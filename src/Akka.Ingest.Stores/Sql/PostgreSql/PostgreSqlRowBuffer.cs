namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Buffers;
using System.Buffers.Binary;
using Akka.Ingest.Model;

/// <summary>
/// Rows of table <c>events</c> in the format of <c>COPY … (FORMAT binary)</c>, written from encoded records: no string and no object is
/// made for an event.
/// </summary>
/// <remarks>
/// Format: the signature, u32 flags, u32 length of the header extension; for each row i16 number of columns, for each column i32 length
/// (-1 for NULL) and its bytes; i16 -1 at the end. All big-endian; jsonb is a version byte 1 and the text.
/// </remarks>
internal sealed class PostgreSqlRowBuffer : IDisposable
{
    private const int FixedColumns = 10;
    private const short Columns = FixedColumns + EventFields.Count + 2;
    private const int FixedBytes = 2 + (4 * Columns) + (8 * 4) + 16 + 4 + 2 + 2 + 1 + 2;
    private static readonly int EpochDay = new DateOnly(2000, 1, 1).DayNumber;
    private readonly bool _hasText;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private int _length;

    /// <summary>The columns of a row, in order.</summary>
    public static readonly string ColumnList =
        "timestamp, received, id, checksum, spool, day, level, fraction_digits, opaque, api_key, " + string.Join(", ", SqlColumns.Fields) + ", property_index, text_index";

    /// <param name="hasText">The day keeps the folded text.</param>
    public PostgreSqlRowBuffer(bool hasText)
    {
        _hasText = hasText;
        ReadOnlySpan<byte> signature = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        signature.CopyTo(_buffer);
        _length = signature.Length;
    }

    public int Length => _length;

    /// <summary>What is to be sent; then <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Add(in EventRecord record, long packedId, ulong checksum, in PostgreSqlRowOrigin origin)
    {
        var properties = record[EventField.Properties];
        var hasProperties = record.Has(EventField.Properties);
        var isTaken = hasProperties && JsonbText.IsTaken(properties);
        Reserve(FixedBytes + origin.ApiKeyId.Length + record.Bytes.Length + properties.Length);
        Write((short)Columns);
        WriteColumn(record.TimestampTicks);
        WriteColumn(origin.ReceivedTicks);
        WriteColumn(packedId);
        WriteColumn(unchecked((long)checksum));
        WriteLength(16);
        origin.SpoolId.TryWriteBytes(_buffer.AsSpan(_length), bigEndian: true, out _);
        _length += 16;
        WriteLength(4);
        WriteLength(origin.Day.DayNumber - EpochDay);
        WriteColumn((short)record.Severity);
        WriteColumn((short)record.FractionDigits);
        WriteLength(1);
        _buffer[_length++] = hasProperties && !isTaken ? (byte)1 : (byte)0;
        WriteColumn(origin.ApiKeyId, isNull: origin.ApiKeyId.IsEmpty);
        for (var field = EventField.Message; field <= EventField.Properties; field++)
            WriteColumn(record[field], isNull: !record.Has(field));
        if (isTaken)
        {
            WriteLength(properties.Length + 1);
            _buffer[_length++] = 1;
            properties.CopyTo(_buffer.AsSpan(_length));
            _length += properties.Length;
        }
        else
        {
            WriteLength(-1);
        }

        WriteText(record);
    }

    /// <summary>Ends the rows.</summary>
    public void End()
    {
        Reserve(2);
        Write(-1);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void WriteText(in EventRecord record)
    {
        if (!_hasText)
        {
            WriteLength(-1);
            return;
        }

        var text = PostgreSqlText.Of(record);
        Reserve(text.Length + 4);
        WriteColumn(text, isNull: false);
    }

    private void Write(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(_length), value);
        _length += 2;
    }

    private void WriteLength(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }

    private void WriteColumn(long value)
    {
        WriteLength(8);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    private void WriteColumn(short value)
    {
        WriteLength(2);
        Write(value);
    }

    private void WriteColumn(ReadOnlySpan<byte> value, bool isNull)
    {
        WriteLength(isNull ? -1 : value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _length >= size)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + size));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>What the events of one slice have in common.</summary>
internal readonly ref struct PostgreSqlRowOrigin(Guid spoolId, DateOnly day, long receivedTicks, ReadOnlySpan<byte> apiKeyId)
{
    public Guid SpoolId { get; } = spoolId;
    public DateOnly Day { get; } = day;
    public long ReceivedTicks { get; } = receivedTicks;

    /// <summary>UTF-8; empty for none.</summary>
    public ReadOnlySpan<byte> ApiKeyId { get; } = apiKeyId;
}
