namespace Akka.Ingest.Stores.Segmented.Active;

using System.Buffers;
using System.Buffers.Binary;
using Akka.Ingest.Storage;
using K4os.Compression.LZ4;

/// <summary>A frame ready to be written: three buffers, one behind the other.</summary>
internal sealed class BuiltFrame(FrameHeader header, FramePlace place, byte[] front, byte[] payload, byte[] back) : IDisposable
{
    public FrameHeader Header => header;
    public FramePlace Place => place;

    public IEnumerable<ReadOnlyMemory<byte>> Buffers => [front, payload.AsMemory(0, place.StoredBytes), back];

    public void Dispose() => ArrayPool<byte>.Shared.Return(payload);
}

/// <summary>Makes frames of batches.</summary>
internal static class FrameBuilder
{
    /// <exception cref="InvalidDataException">A record of the batch is none.</exception>
    public static BuiltFrame Build(StoreBatch batch, long firstArrival, long groupStart, long offset, bool compress)
    {
        var facts = new BatchFacts(batch);
        var header = facts.ToHeader(firstArrival, groupStart);
        var prefix = FramePayload.PrefixBytes(facts.Slices.Count);
        var raw = ArrayPool<byte>.Shared.Rent(checked(prefix + (int)batch.RawBytes));
        FramePayload.WriteSlices(raw, facts.Slices);
        var length = prefix;
        foreach (var slice in batch.Slices)
        {
            slice.Records.Span.CopyTo(raw.AsSpan(length));
            length += slice.Records.Length;
        }

        return compress ? Compress(header, offset, raw, length) : Frame(header, offset, raw, length, length);
    }

    /// <summary>The frame that says that everything before it was flushed.</summary>
    public static BuiltFrame EndMark(long offset) =>
        Frame(new FrameHeader { GroupStart = offset }, offset, ArrayPool<byte>.Shared.Rent(1), 0, 0);

    private static BuiltFrame Compress(FrameHeader header, long offset, byte[] raw, int length)
    {
        var stored = ArrayPool<byte>.Shared.Rent(LZ4Codec.MaximumOutputSize(length));
        var size = LZ4Codec.Encode(raw.AsSpan(0, length), stored, LZ4Level.L00_FAST);
        if (size <= 0 || size >= length)
        {
            ArrayPool<byte>.Shared.Return(stored);
            return Frame(header, offset, raw, length, length);
        }

        ArrayPool<byte>.Shared.Return(raw);
        return Frame(header, offset, stored, size, length);
    }

    private static BuiltFrame Frame(FrameHeader header, long offset, byte[] payload, int storedBytes, int rawBytes)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer))
        {
            writer.Write(stackalloc byte[FrameFormat.FixedBytes]);
            FrameHeaderFormat.Write(writer, header);
        }

        var front = buffer.ToArray();
        FrameFormat.WriteFixed(front, front.AsSpan(FrameFormat.FixedBytes), payload.AsSpan(0, storedBytes), rawBytes);
        var back = front.AsSpan().ToArray();
        FrameFormat.MarkAsBack(back);
        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(front.AsSpan(16));
        return new BuiltFrame(header, new FramePlace(offset, front.Length - FrameFormat.FixedBytes, storedBytes, rawBytes, checksum), front, payload, back);
    }
}

/// <summary>Looks at every record of a batch once and sums up what the header says.</summary>
internal sealed class BatchFacts
{
    private readonly StoreBatch _batch;
    private readonly int[] _levels = new int[6];
    private readonly List<EventIdRange> _ids = [];
    private readonly List<FrameTally> _tallies = [];
    private long _lowest = long.MaxValue;
    private long _highest = long.MinValue;
    private long _received = long.MaxValue;

    /// <exception cref="InvalidDataException">A record of the batch is none.</exception>
    public BatchFacts(StoreBatch batch)
    {
        _batch = batch;
        foreach (var slice in batch.Slices)
        {
            if (slice.Count > 0 || slice.Records.Length > 0)
                Add(slice);
        }
    }

    public List<FrameSlice> Slices { get; } = [];

    public FrameHeader ToHeader(long firstArrival, long groupStart) => new()
    {
        GroupStart = groupStart,
        SpoolId = _batch.SpoolId,
        Partition = _batch.Partition,
        Expected = _batch.Expected,
        Next = _batch.Next,
        FirstArrival = firstArrival,
        Events = Slices.Sum(slice => slice.Count),
        LowestTimestamp = _lowest,
        HighestTimestamp = _highest,
        LowestReceived = _received,
        Levels = _levels,
        Ids = _ids,
        Tallies = _tallies,
    };

    private void Add(StoreSlice slice)
    {
        var (lowest, highest) = (long.MaxValue, long.MinValue);
        var places = default(FieldPlaces);
        var records = slice.Records.Span;
        for (var i = 0; i < slice.Count; i++)
        {
            var length = RecordLayout.Read(records, ref places);
            var ticks = BinaryPrimitives.ReadInt64LittleEndian(records[4..]);
            lowest = Math.Min(lowest, ticks);
            highest = Math.Max(highest, ticks);
            _levels[records[12]]++;
            records = records[length..];
        }

        if (!records.IsEmpty)
            throw new InvalidDataException($"{records.Length} bytes follow the last record of a slice.");
        _lowest = Math.Min(_lowest, lowest);
        _highest = Math.Max(_highest, highest);
        _received = Math.Min(_received, slice.ReceivedAt.Ticks);
        Slices.Add(new FrameSlice(slice.FirstOrdinal, slice.Count, slice.ReceivedAt.Ticks, Tally(slice, lowest, highest)));
        if (_ids.Count > 0 && _ids[^1].FirstOrdinal + _ids[^1].Count == slice.FirstOrdinal)
            _ids[^1] = _ids[^1] with { Count = _ids[^1].Count + slice.Count };
        else
            _ids.Add(new EventIdRange(_batch.SpoolId, _batch.Partition, slice.FirstOrdinal, slice.Count));
    }

    private int Tally(StoreSlice slice, long lowest, long highest)
    {
        var day = StoredDay.Of(slice.ReceivedAt);
        var at = _tallies.FindIndex(tally => tally.Day == day && tally.ApiKeyId == slice.ApiKeyId);
        if (at < 0)
        {
            _tallies.Add(new FrameTally(day, slice.ApiKeyId, slice.Count, lowest, highest));
            return _tallies.Count - 1;
        }

        var known = _tallies[at];
        _tallies[at] = known with
        {
            Events = known.Events + slice.Count,
            LowestTimestamp = Math.Min(known.LowestTimestamp, lowest),
            HighestTimestamp = Math.Max(known.HighestTimestamp, highest),
        };
        return at;
    }
}
