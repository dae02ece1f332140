namespace Akka.Ingest.Stores.Segmented.State;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>What the store's own files have in common: little-endian numbers, GUIDs big-endian, lists behind their i32 count.</summary>
internal static class BinaryForms
{
    public static void Write(this BinaryWriter writer, StoredPosition position)
    {
        writer.Write(position.Offset.Sequence);
        writer.Write(position.Offset.Index);
        writer.Write(position.Ordinal);
        writer.Write(position.EntryChecksum);
    }

    public static StoredPosition ReadPosition(this BinaryReader reader) =>
        new(new SpoolOffset(reader.ReadInt64(), reader.ReadInt32()), reader.ReadInt64(), reader.ReadUInt64());

    public static void Write(this BinaryWriter writer, EventIdRange range)
    {
        writer.Write(range.SpoolId.ToByteArray(bigEndian: true));
        writer.Write(range.Partition);
        writer.Write(range.FirstOrdinal);
        writer.Write(range.Count);
    }

    public static EventIdRange ReadRange(this BinaryReader reader) => new(reader.ReadGuid(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64());

    public static Guid ReadGuid(this BinaryReader reader) => new(reader.ReadBytes(16), bigEndian: true);

    public static void WriteMany<T>(this BinaryWriter writer, IReadOnlyCollection<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
            write(item);
    }

    public static T[] ReadMany<T>(this BinaryReader reader, int count, Func<BinaryReader, T> read)
    {
        var items = new T[count];
        for (var i = 0; i < count; i++)
            items[i] = read(reader);
        return items;
    }
}
