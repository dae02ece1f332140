namespace Akka.Ingest.Model;

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

/// <summary>
/// Read-only view of one encoded event. This is the only form in which an event exists between the parser and the answer
/// to a query: the spool, delivery, the stores and the filter all read these bytes.
/// </summary>
/// <remarks>
/// Layout, version 1, little-endian:
/// <code>
///  0  u32  length of the record, these four bytes included
///  4  i64  timestamp, ticks of 100 ns since 0001-01-01 UTC
/// 12  u8   severity, 0 to 5
/// 13  u8   bits 0-2: fraction digits of the timestamp as sent (0 to 7); bit 7: rejected event
/// 14  u16  bitmap of the fields present, bit n = <see cref="EventField"/> n
/// 16  for each field present, lowest first: LEB128 length, bytes
/// </code>
/// A rejected event (<c>?invalid=deadletter</c>) was accepted for the dead letters only and is never offered to a store:
/// its <see cref="EventField.Message"/> is the text as received, <see cref="EventField.Category"/> the reason code and
/// <see cref="EventField.Exception"/> the explanation.
/// </remarks>
public readonly ref struct EventRecord
{
    public const int HeaderLength = 16;
    internal const int FlagsOffset = 13;
    internal const byte RejectedFlag = 0x80;
    private const byte DigitsMask = 0x07;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Offsets _start;
    private readonly Offsets _length;

    private EventRecord(ReadOnlySpan<byte> bytes, Offsets start, Offsets length)
    {
        _bytes = bytes;
        _start = start;
        _length = length;
    }

    /// <summary>The whole record.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;
    public long TimestampTicks => BinaryPrimitives.ReadInt64LittleEndian(_bytes[4..]);
    public Severity Severity => (Severity)_bytes[12];
    public int FractionDigits => _bytes[13] & DigitsMask;
    public bool IsRejected => (_bytes[FlagsOffset] & RejectedFlag) != 0;
    internal ushort Bitmap => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[14..]);

    /// <summary>Length in bytes of the record that starts at the beginning of <paramref name="source"/>.</summary>
    public static int PeekLength(ReadOnlySpan<byte> source) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(source));

    /// <summary>Reads the record at the start of <paramref name="source"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no record of this version.</exception>
    public static EventRecord Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderLength)
            throw new InvalidDataException("An event record needs at least 16 bytes.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (length < HeaderLength || length > (uint)source.Length)
            throw new InvalidDataException($"The event record claims {length} bytes, {source.Length} are there.");
        var bytes = source[..(int)length];
        var bitmap = BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]);
        var start = default(Offsets);
        var lengths = default(Offsets);
        var at = HeaderLength;
        for (var field = 0; field < EventFields.Count; field++)
        {
            if ((bitmap & (1 << field)) == 0)
                continue;
            var size = ReadVarint(bytes, ref at);
            if (size > bytes.Length - at)
                throw new InvalidDataException("A field of the event record is longer than the record.");
            start[field] = at;
            lengths[field] = size;
            at += size;
        }

        return new EventRecord(bytes, start, lengths);
    }

    public bool Has(EventField field) => (Bitmap & (1 << (int)field)) != 0;

    /// <summary>The bytes of a field; empty when the field is absent or empty (see <see cref="Has"/>).</summary>
    public ReadOnlySpan<byte> this[EventField field] => _bytes.Slice(_start[(int)field], _length[(int)field]);

    private static int ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at >= bytes.Length)
                break;
            var next = bytes[at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value >= 0 ? value : throw new InvalidDataException("A field length of the event record is negative.");
        }

        throw new InvalidDataException("A field length of the event record is cut or too long.");
    }

    [InlineArray(EventFields.Count)]
    private struct Offsets
    {
        private int _first;
    }
}
