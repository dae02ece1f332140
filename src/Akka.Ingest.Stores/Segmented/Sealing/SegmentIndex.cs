namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Buffers.Binary;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;
using K4os.Compression.LZ4;

/// <summary>What is known of a row group without reading it.</summary>
/// <param name="Chunks">Where each column lies and its checksum, in the order of <see cref="SegmentSchema.Names"/>.</param>
/// <param name="Ids">Exactly its events.</param>
internal sealed record RowGroupEntry(
    int Rows,
    long LowestTimestamp,
    long HighestTimestamp,
    long LowestArrival,
    long HighestArrival,
    IReadOnlyList<int> Levels,
    IReadOnlyList<FilePart> Chunks,
    IReadOnlyList<EventIdRange> Ids);

/// <summary>
/// The store's own knowledge of a segment, in a file beside it: checksums of every byte, statistics, which events are in which row group,
/// and a copy of the Parquet footer. With it no byte of the segment is trusted unchecked, and a damaged footer is mended.
/// </summary>
/// <param name="Footer">Everything behind the last row group.</param>
internal sealed record SegmentIndex(IReadOnlyList<RowGroupEntry> RowGroups, FilePart FooterPart, byte[] Footer)
{
    public long FileLength => FooterPart.Offset + FooterPart.Length;
}

/// <summary>
/// Bytes of a <see cref="SegmentIndex"/>, kept in a <see cref="TwinFile"/>: i32 version = 1, i32 length, and as an LZ4 block the origins
/// (spool id, partition) that the ids refer to, the row groups, the footer. Chunks follow each other, so only the first has an offset; their
/// lengths are LEB128. Ids are LEB128: index of the origin, distance from the end of the run before, length.
/// </summary>
internal static class SegmentIndexFormat
{
    private const int Version = 1;

    public static byte[] Write(SegmentIndex index)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        var origins = index.RowGroups.SelectMany(group => group.Ids).Select(run => (run.SpoolId, run.Partition)).Distinct().ToList();
        writer.WriteMany(origins, origin =>
        {
            writer.Write(origin.SpoolId.ToByteArray(bigEndian: true));
            writer.Write(origin.Partition);
        });
        writer.WriteMany(index.RowGroups, group => Write(writer, group, origins));
        Write(writer, index.FooterPart);
        writer.Write(index.Footer);
        writer.Flush();
        return Compress(buffer.ToArray());
    }

    public static SegmentIndex Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(Expand(bytes)));
        var origins = reader.ReadMany(reader.ReadInt32(), item => (item.ReadGuid(), item.ReadInt32()));
        var groups = reader.ReadMany(reader.ReadInt32(), item => ReadGroup(item, origins));
        var footer = ReadPart(reader);
        return new SegmentIndex(groups, footer, reader.ReadBytes(footer.Length));
    }

    private static void Write(BinaryWriter writer, RowGroupEntry group, List<(Guid SpoolId, int Partition)> origins)
    {
        writer.Write(group.Rows);
        writer.Write(group.LowestTimestamp);
        writer.Write(group.HighestTimestamp);
        writer.Write(group.LowestArrival);
        writer.Write(group.HighestArrival);
        foreach (var events in group.Levels)
            writer.Write(events);
        writer.Write(group.Chunks[0].Offset);
        writer.WriteMany(group.Chunks, chunk =>
        {
            writer.Write7BitEncodedInt(chunk.Length);
            writer.Write(chunk.Checksum);
        });
        long end = 0;
        writer.WriteMany(group.Ids, run =>
        {
            writer.Write7BitEncodedInt(origins.IndexOf((run.SpoolId, run.Partition)));
            writer.Write7BitEncodedInt64(run.FirstOrdinal - end);
            writer.Write7BitEncodedInt64(run.Count);
            end = run.FirstOrdinal + run.Count;
        });
    }

    private static RowGroupEntry ReadGroup(BinaryReader reader, (Guid SpoolId, int Partition)[] origins)
    {
        var (rows, lowest, highest) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64());
        var (first, last) = (reader.ReadInt64(), reader.ReadInt64());
        var levels = reader.ReadMany(6, item => item.ReadInt32());
        var offset = reader.ReadInt64();
        var chunks = reader.ReadMany(reader.ReadInt32(), item =>
        {
            var chunk = new FilePart(offset, item.Read7BitEncodedInt(), item.ReadUInt64());
            offset += chunk.Length;
            return chunk;
        });
        long end = 0;
        var ids = reader.ReadMany(reader.ReadInt32(), item =>
        {
            var (spoolId, partition) = origins[item.Read7BitEncodedInt()];
            var run = new EventIdRange(spoolId, partition, end + item.Read7BitEncodedInt64(), item.Read7BitEncodedInt64());
            end = run.FirstOrdinal + run.Count;
            return run;
        });
        return new RowGroupEntry(rows, lowest, highest, first, last, levels, chunks, ids);
    }

    private static byte[] Compress(byte[] content)
    {
        const int headerBytes = 8;
        var target = new byte[headerBytes + LZ4Codec.MaximumOutputSize(content.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(target, Version);
        BinaryPrimitives.WriteInt32LittleEndian(target.AsSpan(4), content.Length);
        return target[..(headerBytes + LZ4Codec.Encode(content, target.AsSpan(headerBytes)))];
    }

    private static byte[] Expand(byte[] bytes)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes) is var version && version != Version)
            throw new InvalidDataException($"A segment index has version {version}.");
        var content = new byte[BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4))];
        return LZ4Codec.Decode(bytes.AsSpan(8), content) == content.Length ? content : throw new InvalidDataException("A segment index does not expand to its length.");
    }

    private static void Write(BinaryWriter writer, FilePart part)
    {
        writer.Write(part.Offset);
        writer.Write(part.Length);
        writer.Write(part.Checksum);
    }

    private static FilePart ReadPart(BinaryReader reader) => new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadUInt64());
}
