namespace Akka.Ingest.Stores.Files;

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Akka.Ingest.Model;

/// <summary>Puts the payload of a framed record together. Integers are LEB128, texts UTF-8 with their length before them.</summary>
internal sealed class RecordBuffer
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Write(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    /// <summary>A number from 0 up; negative ones take ten bytes.</summary>
    public void Write(long value)
    {
        var target = _bytes.GetSpan(10);
        var at = 0;
        var rest = unchecked((ulong)value);
        for (; rest >= 0x80; rest >>= 7)
            target[at++] = (byte)(rest | 0x80);
        target[at++] = (byte)rest;
        _bytes.Advance(at);
    }

    public void Write(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void Write(Guid value)
    {
        value.TryWriteBytes(_bytes.GetSpan(16), bigEndian: true, out _);
        _bytes.Advance(16);
    }

    public void Write(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Write((long)length);
        Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }

    public void Write(SpoolPartition partition, in StoredPosition position)
    {
        Write(partition.SpoolId);
        Write((byte)partition.Partition);
        Write(position.Offset.Sequence);
        Write(position.Offset.Index);
        Write(position.Ordinal);
        Write(position.EntryChecksum);
    }
}

/// <summary>Takes the payload of a framed record apart.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return unchecked((long)value);
        }

        throw new InvalidDataException("A number of a record is too long.");
    }

    public int Count() => (int)Number();

    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public Guid Guid() => new(Take(16), bigEndian: true);

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public (SpoolPartition Partition, StoredPosition Position) Position()
    {
        var partition = new SpoolPartition(Guid(), Byte());
        var offset = new SpoolOffset(Number(), Count());
        return (partition, new StoredPosition(offset, Number(), Fixed()));
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException("A record is shorter than what it says it holds.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

/// <summary>What has a stored position of its own.</summary>
internal readonly record struct SpoolPartition(Guid SpoolId, int Partition);
