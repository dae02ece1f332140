namespace Akka.Ingest.Stores.Segmented.Active;

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Start and length of each field of a record, from the start of the record; length -1 where the field is absent.</summary>
[InlineArray(EventFields.Count)]
internal struct FieldPlaces
{
    private FieldPlace _first;
}

internal readonly record struct FieldPlace(int Start, int Length);

/// <summary>
/// Takes a record apart for columns. Stricter than <see cref="EventRecord"/>: only the one form that <see cref="EventRecordWriter"/>
/// writes is taken, so that the columns give back the same bytes.
/// </summary>
internal static class RecordLayout
{
    private const int DigitsOffset = 13;
    private const int BitmapOffset = 14;
    private const int MaxDigits = 7;

    /// <summary>Length of the record at the start of <paramref name="source"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no record that can be given back byte for byte.</exception>
    public static int Read(ReadOnlySpan<byte> source, ref FieldPlaces places)
    {
        if (source.Length < EventRecord.HeaderLength)
            throw new InvalidDataException("An event record needs at least 16 bytes.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (length < EventRecord.HeaderLength || length > (uint)source.Length)
            throw new InvalidDataException($"The event record claims {length} bytes, {source.Length} are there.");
        var record = source[..(int)length];
        var bitmap = BinaryPrimitives.ReadUInt16LittleEndian(record[BitmapOffset..]);
        if (record[12] >= LevelSet.SeverityCount || record[DigitsOffset] > MaxDigits || bitmap >> EventFields.Count != 0)
            throw new InvalidDataException("The header of an event record has values that do not exist.");
        if ((ulong)BinaryPrimitives.ReadInt64LittleEndian(record[4..]) > (ulong)DateTime.MaxValue.Ticks)
            throw new InvalidDataException("The time of an event record is outside the years 1 to 9999.");
        var at = EventRecord.HeaderLength;
        for (var field = 0; field < EventFields.Count; field++)
        {
            if ((bitmap & (1 << field)) == 0)
            {
                places[field] = new FieldPlace(0, -1);
                continue;
            }

            var size = ReadLength(record, ref at);
            if (size > record.Length - at)
                throw new InvalidDataException("A field of the event record is longer than the record.");
            places[field] = new FieldPlace(at, size);
            at += size;
        }

        return at == record.Length ? at : throw new InvalidDataException("The event record has bytes behind its last field.");
    }

    private static int ReadLength(ReadOnlySpan<byte> record, ref int at)
    {
        var value = 0L;
        for (var shift = 0; shift < 35 && at < record.Length; shift += 7)
        {
            var next = record[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next >= 0x80)
                continue;
            if (value > int.MaxValue || (next == 0 && shift > 0))
                break;
            return (int)value;
        }

        throw new InvalidDataException("A field length of the event record is cut, too long or padded.");
    }
}
