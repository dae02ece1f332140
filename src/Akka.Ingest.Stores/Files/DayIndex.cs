namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;

/// <summary>
/// <c>YYYY-MM-DD.index</c>: the blocks of a day file. It only holds what the day file holds too: where it is missing, behind or damaged,
/// the lines that it does not describe are read again. Its records are framed as in <see cref="RecordFrames"/>.
/// </summary>
/// <remarks>
/// Payload of a record; numbers are LEB128 unless a width is given:
/// <code>
/// u8 1 (kind)
/// count of blocks, each:
///   offset, length, lowest and highest timestamp (ticks), 6 counts by severity, lines, u8 1 where the counts are those of the lines
///   count of runs, each: 16 bytes spool id (big-endian), u8 partition, API key (length, UTF-8), first ordinal, first arrival, count
/// count of positions, each:
///   16 bytes spool id, u8 partition, sequence, index, ordinal, u64 entry checksum: the commits among these lines, the last one of each partition
/// </code>
/// A record is written after the lines it describes were flushed, and is not flushed itself.
/// </remarks>
internal static class DayIndex
{
    private const byte BlocksKind = 1;

    /// <summary>A rewritten index has this many blocks a record.</summary>
    private const int BlocksOfRecord = 500;

    /// <summary>The frame of one append.</summary>
    public static byte[] Frame(IEnumerable<FileBlock> blocks, IReadOnlyCollection<KeyValuePair<SpoolPartition, StoredPosition>> positions)
    {
        var buffer = new RecordBuffer();
        buffer.Write(BlocksKind);
        var all = blocks as IReadOnlyCollection<FileBlock> ?? [.. blocks];
        buffer.Write((long)all.Count);
        foreach (var block in all)
            Write(buffer, block);
        buffer.Write((long)positions.Count);
        foreach (var (partition, position) in positions)
            buffer.Write(partition, position);
        return RecordFrames.Frame(buffer.Written);
    }

    /// <summary>The frames of a whole index.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Frames(IReadOnlyList<FileBlock> blocks, Dictionary<SpoolPartition, StoredPosition> positions)
    {
        var frames = new List<ReadOnlyMemory<byte>>();
        foreach (var some in blocks.Chunk(BlocksOfRecord))
            frames.Add(Frame(some, []));
        frames.Add(Frame([], positions));
        return frames;
    }

    /// <summary>Reads what is whole of an index.</summary>
    public static DayIndexContent Read(byte[] file)
    {
        var content = new DayIndexContent();
        var payloads = RecordFrames.Read(file, out var end, out var isIntact);
        foreach (var payload in payloads)
        {
            var reader = new RecordReader(payload.Span);
            if (reader.Byte() != BlocksKind)
                continue;
            for (var count = reader.Count(); count > 0; count--)
                content.Add(Read(ref reader));
            for (var count = reader.Count(); count > 0; count--)
            {
                var (partition, position) = reader.Position();
                content.Positions.Move(partition, position);
            }
        }

        content.Length = end;
        content.IsIntact = isIntact;
        content.Blocks.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        return content;
    }

    private static void Write(RecordBuffer buffer, FileBlock block)
    {
        buffer.Write(block.Offset);
        buffer.Write((long)block.Length);
        buffer.Write(block.LowestTimestamp);
        buffer.Write(block.HighestTimestamp);
        foreach (var count in block.Levels)
            buffer.Write((long)count);
        buffer.Write((long)block.Lines);
        buffer.Write((byte)(block.HasExactLevels ? 1 : 0));
        buffer.Write((long)block.Runs.Length);
        foreach (var run in block.Runs)
        {
            buffer.Write(run.Partition.SpoolId);
            buffer.Write((byte)run.Partition.Partition);
            buffer.Write(run.ApiKeyId);
            buffer.Write(run.FirstOrdinal);
            buffer.Write(run.FirstArrival);
            buffer.Write((long)run.Count);
        }
    }

    private static FileBlock Read(ref RecordReader reader)
    {
        var (offset, length, lowest, highest) = (reader.Number(), reader.Count(), reader.Number(), reader.Number());
        var levels = default(LevelCounts);
        for (var level = 0; level < Query.LevelSet.SeverityCount; level++)
            levels[level] = reader.Count();
        var lines = reader.Count();
        var isExact = reader.Byte() != 0;
        var runs = new EventRun[reader.Count()];
        for (var i = 0; i < runs.Length; i++)
        {
            var partition = new SpoolPartition(reader.Guid(), reader.Byte());
            runs[i] = new EventRun(partition, string.Intern(reader.Text()), reader.Number(), reader.Number(), reader.Count());
        }

        return new FileBlock
        {
            Offset = offset,
            Length = length,
            LowestTimestamp = lowest,
            HighestTimestamp = highest,
            Levels = levels,
            Lines = lines,
            HasExactLevels = isExact,
            Runs = runs,
        };
    }
}

/// <summary>What an index was found to hold.</summary>
internal sealed class DayIndexContent
{
    /// <summary>Ascending by offset; those of small appends joined, so that a start holds no more of them than the open store does.</summary>
    public List<FileBlock> Blocks { get; } = [];

    /// <summary>How many blocks the index has for these.</summary>
    public int BlocksWritten { get; private set; }

    public PositionTable Positions { get; } = new();

    /// <summary>Where the last record ends.</summary>
    public long Length { get; set; }

    /// <summary>False when something was damaged, so that it should be written anew.</summary>
    public bool IsIntact { get; set; } = true;

    public void Add(FileBlock block)
    {
        BlocksWritten++;
        if (Blocks is [.., var last] && last.CanBeJoinedBy(block))
            Blocks[^1] = FileBlock.Join(last, block);
        else
            Blocks.Add(block);
    }
}

/// <summary>The furthest stored position of each partition.</summary>
internal sealed class PositionTable
{
    public Dictionary<SpoolPartition, StoredPosition> All { get; } = [];

    /// <summary>Moves a position forward; an older one changes nothing.</summary>
    public void Move(SpoolPartition partition, in StoredPosition position)
    {
        if (!All.TryGetValue(partition, out var known) || (known.Offset, known.Ordinal).CompareTo((position.Offset, position.Ordinal)) < 0)
            All[partition] = position;
    }

    public void MoveAll(PositionTable other)
    {
        foreach (var (partition, position) in other.All)
            Move(partition, position);
    }
}
