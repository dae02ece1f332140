namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Reading;
using ParquetSharp;

/// <summary>Collects the rows of one row group in memory of its own and writes them column by column.</summary>
internal sealed class RowGroupBuffer : IDisposable
{
    private static readonly byte[][] LevelNames = [.. LevelSet.All.Severities.Select(level => System.Text.Encoding.ASCII.GetBytes(level.ToString()))];
    private readonly PinnedTexts _texts = new(LevelNames);
    private readonly int _capacity;
    private readonly FieldPlaces[] _places;
    private readonly int[] _starts;
    private readonly short[] _present;
    private readonly ByteArray[] _values;
    private readonly long[] _longs;
    private readonly int[] _ints;
    private readonly long[] _received;
    private readonly long[] _arrivals;
    private readonly EventId[] _ids;
    private readonly string[] _apiKeys;
    private byte[] _records = GC.AllocateUninitializedArray<byte>(1024 * 1024, pinned: true);
    private int _length;

    public RowGroupBuffer(int capacity)
    {
        _capacity = capacity;
        _places = new FieldPlaces[capacity];
        _starts = new int[capacity];
        _present = new short[capacity];
        _values = new ByteArray[capacity];
        _longs = new long[capacity];
        _ints = new int[capacity];
        _received = new long[capacity];
        _arrivals = new long[capacity];
        _ids = new EventId[capacity];
        _apiKeys = new string[capacity];
    }

    public int Count { get; private set; }

    public long Bytes => _length;

    public bool IsFull => Count == _capacity;

    public ReadOnlySpan<EventId> Ids => _ids.AsSpan(0, Count);

    public ReadOnlySpan<long> Arrivals => _arrivals.AsSpan(0, Count);

    public string ApiKeyId(int row) => _apiKeys[row];

    public long Timestamp(int row) => BinaryPrimitives.ReadInt64LittleEndian(_records.AsSpan(_starts[row] + 4));

    public int Level(int row) => _records[_starts[row] + 12];

    public void Add(BlockRows rows, int row)
    {
        var record = rows.RecordBytes(row);
        if (_records.Length - _length < record.Length)
            Grow(record.Length);
        record.CopyTo(_records.AsSpan(_length));
        RecordLayout.Read(record, ref _places[Count]);
        _starts[Count] = _length;
        _length += record.Length;
        _received[Count] = rows.ReceivedTicks(row);
        _arrivals[Count] = rows.Arrival(row);
        _ids[Count] = rows.Id(row);
        _apiKeys[Count] = rows.ApiKeyId(row);
        Count++;
    }

    public void Clear()
    {
        Count = 0;
        _length = 0;
    }

    /// <summary>Writes the columns in the order of <see cref="SegmentSchema.Names"/>.</summary>
    /// <param name="writeColumn">Gets the writer of the next column to fill and to close.</param>
    public void Write(Action<Action<ColumnWriter>> writeColumn)
    {
        for (var column = 0; column < SegmentSchema.Columns; column++)
        {
            var at = column;
            writeColumn(writer => Write(at, writer));
        }
    }

    public void Dispose() => _texts.Dispose();

    private void Write(int column, ColumnWriter writer)
    {
        switch (column)
        {
            case SegmentSchema.Timestamp:
                Longs(writer, row => SegmentSchema.Split(Timestamp(row)).Microseconds);
                break;
            case SegmentSchema.TimestampRest:
                Ints(writer, row => SegmentSchema.Split(Timestamp(row)).Ticks);
                break;
            case SegmentSchema.FractionDigits:
                Ints(writer, row => _records[_starts[row] + 13]);
                break;
            case SegmentSchema.Level:
                Texts(writer, row => _texts.Fixed(Level(row)));
                break;
            case SegmentSchema.ReceivedAt:
                Longs(writer, row => SegmentSchema.Split(_received[row]).Microseconds);
                break;
            case SegmentSchema.ReceivedAtRest:
                Ints(writer, row => SegmentSchema.Split(_received[row]).Ticks);
                break;
            case SegmentSchema.ApiKeyId:
                Texts(writer, row => _texts.Of(_apiKeys[row]));
                break;
            case SegmentSchema.SpoolId:
                Texts(writer, row => _texts.Of(_ids[row].SpoolId));
                break;
            case SegmentSchema.Partition:
                Ints(writer, row => _ids[row].Partition);
                break;
            case SegmentSchema.Ordinal:
                Longs(writer, row => _ids[row].Ordinal);
                break;
            case SegmentSchema.Arrival:
                Longs(writer, row => _arrivals[row]);
                break;
            default:
                Field(writer, column - SegmentSchema.FirstField);
                break;
        }
    }

    private void Longs(ColumnWriter writer, Func<int, long> value)
    {
        for (var row = 0; row < Count; row++)
            _longs[row] = value(row);
        ((ColumnWriter<long>)writer).WriteBatch(_longs.AsSpan(0, Count));
    }

    private void Ints(ColumnWriter writer, Func<int, int> value)
    {
        for (var row = 0; row < Count; row++)
            _ints[row] = value(row);
        ((ColumnWriter<int>)writer).WriteBatch(_ints.AsSpan(0, Count));
    }

    private void Texts(ColumnWriter writer, Func<int, ByteArray> value)
    {
        for (var row = 0; row < Count; row++)
            _values[row] = value(row);
        ((ColumnWriter<ByteArray>)writer).WriteBatch(_values.AsSpan(0, Count));
    }

    private void Field(ColumnWriter writer, int field)
    {
        var start = Marshal.UnsafeAddrOfPinnedArrayElement(_records, 0);
        var values = 0;
        for (var row = 0; row < Count; row++)
        {
            var place = _places[row][field];
            _present[row] = (short)(place.Length < 0 ? 0 : 1);
            if (place.Length >= 0)
                _values[values++] = new ByteArray(start + _starts[row] + place.Start, place.Length);
        }

        ((ColumnWriter<ByteArray>)writer).WriteBatch(Count, _present.AsSpan(0, Count), [], _values.AsSpan(0, values));
    }

    private void Grow(int size)
    {
        var larger = GC.AllocateUninitializedArray<byte>(checked(Math.Max(_records.Length * 2, _length + size)), pinned: true);
        _records.AsSpan(0, _length).CopyTo(larger);
        _records = larger;
    }
}

/// <summary>Texts that repeat, as UTF-8 that does not move.</summary>
internal sealed class PinnedTexts(byte[][] fixedTexts) : IDisposable
{
    private readonly List<GCHandle> _handles = [];
    private readonly Dictionary<string, ByteArray> _strings = [];
    private readonly Dictionary<Guid, ByteArray> _guids = [];
    private ByteArray[]? _fixed;
    private (string? Text, ByteArray Value) _lastString;
    private (Guid Guid, ByteArray Value) _lastGuid;

    public ByteArray Fixed(int index) => (_fixed ??= Array.ConvertAll(fixedTexts, Pin))[index];

    public ByteArray Of(string text)
    {
        if (ReferenceEquals(text, _lastString.Text))
            return _lastString.Value;
        if (!_strings.TryGetValue(text, out var value))
            _strings.Add(text, value = Pin(System.Text.Encoding.UTF8.GetBytes(text)));
        _lastString = (text, value);
        return value;
    }

    public ByteArray Of(Guid guid)
    {
        if (guid == _lastGuid.Guid && _lastGuid.Value.Length > 0)
            return _lastGuid.Value;
        if (!_guids.TryGetValue(guid, out var value))
            _guids.Add(guid, value = Pin(System.Text.Encoding.ASCII.GetBytes(guid.ToString())));
        _lastGuid = (guid, value);
        return value;
    }

    public void Dispose()
    {
        foreach (var handle in _handles)
            handle.Free();
        _handles.Clear();
    }

    private ByteArray Pin(byte[] bytes)
    {
        var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        _handles.Add(handle);
        return new ByteArray(handle.AddrOfPinnedObject(), bytes.Length);
    }
}
