namespace Akka.Ingest.Stores.Segmented.Active;

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.Reading;
using K4os.Compression.LZ4;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>The events of one frame.</summary>
internal sealed class FrameBlock(ActiveFile file, FramePlace place, FrameHeader header, ExpandedFrames expanded) : StoredBlock
{
    public FrameHeader Header => header;
    public FramePlace Place => place;

    public static FrameBlock Of(ActiveFile file, FramePlace place, FrameHeader header, ExpandedFrames expanded) => new(file, place, header, expanded)
    {
        Count = header.Events,
        LowestTimestamp = header.LowestTimestamp,
        HighestTimestamp = header.HighestTimestamp,
        LowestArrival = header.FirstArrival,
        HighestArrival = header.FirstArrival + header.Events - 1,
        Levels = header.Levels,
    };

    public override long ExpandedBytes => place.RawBytes;

    public override bool MayHold(EventId id) => id.SpoolId == header.SpoolId && id.Partition == header.Partition
        && header.Ids.Any(run => id.Ordinal >= run.FirstOrdinal && id.Ordinal < run.FirstOrdinal + run.Count);

    public override BlockRows Open() => new FrameRows(this, expanded.Get(this));

    public override StoreDamage Describe(string reason) => new(
        $"{Path.GetFileName(file.Path)}, bytes {place.Offset} to {place.End - 1}", reason, header.Ids);

    /// <summary>Reads, checks and expands the payload.</summary>
    public ExpandedFrame Expand()
    {
        var stored = GC.AllocateUninitializedArray<byte>(place.StoredBytes);
        if (file.Read(place.PayloadOffset, stored) < stored.Length)
            throw new DamagedBlockException(this, "The file ends within the frame.");
        if (XxHash3.HashToUInt64(stored) != place.Checksum)
            throw new DamagedBlockException(this, "The checksum of the frame does not hold.");
        if (place.StoredBytes == place.RawBytes)
            return new ExpandedFrame(stored, Count);
        var raw = GC.AllocateUninitializedArray<byte>(place.RawBytes);
        return LZ4Codec.Decode(stored, raw) == raw.Length
            ? new ExpandedFrame(raw, Count)
            : throw new DamagedBlockException(this, "The frame does not expand to its length.");
    }
}

/// <summary>The payload of a frame in memory, shared by its readers.</summary>
internal sealed class ExpandedFrame
{
    private readonly int[] _slices;

    public ExpandedFrame(byte[] payload, int count)
    {
        Payload = payload;
        Slices = FramePayload.ReadSlices(payload);
        Offsets = new int[count + 1];
        _slices = new int[count];
        Offsets[0] = FramePayload.PrefixBytes(Slices.Length);
        var row = 0;
        for (var slice = 0; slice < Slices.Length; slice++)
        {
            for (var i = 0; i < Slices[slice].Count; i++, row++)
            {
                _slices[row] = slice;
                Offsets[row + 1] = Offsets[row] + EventRecord.PeekLength(payload.AsSpan(Offsets[row]));
            }
        }

        FirstRows = new int[Slices.Length];
        for (var slice = 1; slice < Slices.Length; slice++)
            FirstRows[slice] = FirstRows[slice - 1] + Slices[slice - 1].Count;
    }

    public byte[] Payload { get; }
    public FrameSlice[] Slices { get; }

    /// <summary>Where each record begins in the payload, and where the last ends.</summary>
    public int[] Offsets { get; }
    private int[] FirstRows { get; }

    public long Bytes => Payload.Length + (Offsets.Length * 8L);

    public ref readonly FrameSlice SliceOf(int row) => ref Slices[_slices[row]];

    public long Ordinal(int row) => Slices[_slices[row]].FirstOrdinal + row - FirstRows[_slices[row]];

    public ReadOnlySpan<byte> Record(int row) => Payload.AsSpan(Offsets[row], Offsets[row + 1] - Offsets[row]);
}

/// <inheritdoc />
internal sealed class FrameRows(FrameBlock block, ExpandedFrame frame) : BlockRows(block)
{
    private string _apiKeyId = "";
    private byte[] _apiKeyUtf8 = [];

    public ExpandedFrame Frame => frame;

    public override bool IsSorted => false;

    public override long Timestamp(int row) => BinaryPrimitives.ReadInt64LittleEndian(frame.Payload.AsSpan(frame.Offsets[row] + 4));

    public override Severity Severity(int row) => (Severity)frame.Payload[frame.Offsets[row] + 12];

    public override long Arrival(int row) => block.LowestArrival + row;

    public override EventId Id(int row) => new(block.Header.SpoolId, block.Header.Partition, frame.Ordinal(row));

    public override long ReceivedTicks(int row) => frame.SliceOf(row).ReceivedTicks;

    public override string ApiKeyId(int row) => block.Header.Tallies[frame.SliceOf(row).Tally].ApiKeyId;

    public override ReadOnlySpan<byte> ApiKeyUtf8(int row)
    {
        var apiKeyId = ApiKeyId(row);
        if (!ReferenceEquals(apiKeyId, _apiKeyId))
        {
            _apiKeyId = apiKeyId;
            _apiKeyUtf8 = Encoding.UTF8.GetBytes(apiKeyId);
        }

        return _apiKeyUtf8;
    }

    public override EventRecord Record(int row, int fields) => EventRecord.Read(frame.Record(row));

    public override ReadOnlySpan<byte> RecordBytes(int row) => frame.Record(row);

    public override void Dispose()
    {
    }
}
