namespace Akka.Ingest.Model;

using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

/// <summary>Writes event records (layout: <see cref="EventRecord"/>) back to back into one pooled, growing buffer.</summary>
/// <remarks>Not thread-safe. <see cref="Dispose"/> gives the buffer back; spans taken before are then invalid.</remarks>
public sealed class EventRecordWriter(int initialCapacity = 64 * 1024) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(initialCapacity);
    private int _recordStart;
    private int _length;
    private ushort _bitmap;

    /// <summary>Bytes of the finished records.</summary>
    public int Length => _length;
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Starts a record. Follow with <see cref="Append"/> in the order of <see cref="EventField"/>, then <see cref="End"/>.</summary>
    public void Begin(long timestampTicks, int fractionDigits, Severity severity, bool rejected = false)
    {
        Debug.Assert(fractionDigits is >= 0 and <= 7);
        _recordStart = _length;
        _bitmap = 0;
        var header = Reserve(EventRecord.HeaderLength);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], timestampTicks);
        header[12] = (byte)severity;
        header[13] = (byte)(fractionDigits | (rejected ? EventRecord.RejectedFlag : 0));
        _length += EventRecord.HeaderLength;
    }

    /// <summary>Adds one field; an empty value is kept as present and empty.</summary>
    public void Append(EventField field, ReadOnlySpan<byte> value)
    {
        Debug.Assert(_bitmap >> (int)field == 0, "Fields go in ascending order, each once.");
        _bitmap |= (ushort)(1 << (int)field);
        var target = Reserve(value.Length + 5);
        var at = 0;
        var length = (uint)value.Length;
        for (; length >= 0x80; length >>= 7)
            target[at++] = (byte)(length | 0x80);
        target[at++] = (byte)length;
        value.CopyTo(target[at..]);
        _length += at + value.Length;
    }

    /// <summary>Finishes the record and returns its length in bytes.</summary>
    public int End()
    {
        var record = _buffer.AsSpan(_recordStart, _length - _recordStart);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)record.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[14..], _bitmap);
        return record.Length;
    }

    /// <summary>Removes everything from <paramref name="length"/> on: a record that turned out to be bad.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    public void Clear() => _length = 0;

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        _length = 0;
    }

    private Span<byte> Reserve(int size)
    {
        if (_buffer.Length - _length < size)
            Grow(size);
        return _buffer.AsSpan(_length);
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(_length + size)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        if (old.Length > 0)
            ArrayPool<byte>.Shared.Return(old);
    }
}
