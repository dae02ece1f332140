namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Buffers.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Stores.Segmented.Reading;
using ParquetSharp;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>The rows of a row group; each column is read, checked and decoded when it is first asked for.</summary>
internal sealed class RowGroupRows(RowGroupBlock block) : BlockRows(block)
{
    private const int AllFields = (1 << EventFields.Count) - 1;
    private readonly TextColumn?[] _texts = new TextColumn?[SegmentSchema.Columns];
    private readonly EventRecordWriter _writer = new(4096);
    private readonly Dictionary<int, string> _apiKeys = [];
    private readonly Dictionary<int, Guid> _spools = [];
    private readonly bool[] _isChecked = new bool[SegmentSchema.Columns];
    private SegmentSource? _source;
    private bool _isWhole;
    private RowGroupReader? _group;
    private long[]? _timestamps;
    private long[]? _received;
    private long[]? _ordinals;
    private long[]? _arrivals;
    private int[]? _partitions;
    private int[]? _digits;
    private byte[]? _levels;

    public override bool IsSorted => true;

    public override long Timestamp(int row) => (_timestamps ??= Times(SegmentSchema.Timestamp, SegmentSchema.TimestampRest))[row];

    public override Severity Severity(int row) => (Severity)(_levels ??= Levels())[row];

    public override long Arrival(int row) => (_arrivals ??= Longs(SegmentSchema.Arrival))[row];

    public override long ReceivedTicks(int row) => (_received ??= Times(SegmentSchema.ReceivedAt, SegmentSchema.ReceivedAtRest))[row];

    public override EventId Id(int row)
    {
        var spools = Texts(SegmentSchema.SpoolId);
        var start = spools.Start(row);
        if (!_spools.TryGetValue(start, out var spoolId))
        {
            if (!Utf8Parser.TryParse(spools[row], out spoolId, out _))
                throw new InvalidDataException("A spool id is no GUID.");
            _spools.Add(start, spoolId);
        }

        return new EventId(spoolId, (_partitions ??= Ints(SegmentSchema.Partition))[row], (_ordinals ??= Longs(SegmentSchema.Ordinal))[row]);
    }

    public override string ApiKeyId(int row)
    {
        var column = Texts(SegmentSchema.ApiKeyId);
        if (column[row].IsEmpty)
            return "";
        if (!_apiKeys.TryGetValue(column.Start(row), out var text))
            _apiKeys.Add(column.Start(row), text = System.Text.Encoding.UTF8.GetString(column[row]));
        return text;
    }

    public override ReadOnlySpan<byte> ApiKeyUtf8(int row) => Texts(SegmentSchema.ApiKeyId)[row];

    public override EventRecord Record(int row, int fields) => EventRecord.Read(Write(row, fields));

    public override ReadOnlySpan<byte> RecordBytes(int row)
    {
        CheckAll();
        return Write(row, AllFields);
    }

    public override void Dispose()
    {
        _group?.Dispose();
        _source?.Dispose();
        _writer.Dispose();
    }

    private ReadOnlySpan<byte> Write(int row, int fields)
    {
        _writer.Clear();
        _writer.Begin(Timestamp(row), (_digits ??= Ints(SegmentSchema.FractionDigits))[row], Severity(row));
        for (var field = 0; field < EventFields.Count; field++)
        {
            if ((fields & (1 << field)) == 0)
                continue;
            var column = Texts(SegmentSchema.FirstField + field);
            if (column.Has(row))
                _writer.Append((EventField)field, column[row]);
        }

        _writer.End();
        return _writer.WrittenSpan;
    }

    private TextColumn Texts(int column) => _texts[column] ??= Read<TextColumn>(
        column, reader => new TextColumn((ColumnReader<ByteArray>)reader, Count, column is >= SegmentSchema.FirstField and < SegmentSchema.ReceivedAt));

    private byte[] Levels()
    {
        var names = Read<TextColumn>(SegmentSchema.Level, reader => new TextColumn((ColumnReader<ByteArray>)reader, Count, isOptional: false));
        var levels = new byte[Count];
        for (var row = 0; row < levels.Length; row++)
        {
            // The names differ in their first letter.
            levels[row] = (byte)"TDIWEC"u8.IndexOf(names[row][0]);
        }

        return levels;
    }

    private long[] Times(int column, int restColumn)
    {
        var times = Longs(column);
        var rests = Ints(restColumn);
        for (var row = 0; row < times.Length; row++)
            times[row] = SegmentSchema.Join(times[row], rests[row]);
        return times;
    }

    private long[] Longs(int column) => Read(column, reader => Fill((ColumnReader<long>)reader, new long[Count]));

    private int[] Ints(int column) => Read(column, reader => Fill((ColumnReader<int>)reader, new int[Count]));

    private static T[] Fill<T>(ColumnReader<T> reader, T[] values)
        where T : unmanaged
    {
        for (var done = 0; done < values.Length;)
        {
            reader.ReadBatch(values.Length - done, values.AsSpan(done), out var read);
            if (read == 0)
                throw new InvalidDataException("A column has fewer values than its row group has rows.");
            done += (int)read;
        }

        return values;
    }

    // An event is served only from a row group that is whole, so that it is there in every order or in none.
    private void CheckAll()
    {
        for (var column = 0; !_isWhole && column < SegmentSchema.Columns; column++)
        {
            if (!_isChecked[column])
                Load(column);
        }

        _isWhole = true;
    }

    private FilePart Load(int column)
    {
        _source ??= block.File.Open();
        var chunk = block.Chunks[column];
        if (!_source.TryLoad(chunk))
            throw new DamagedBlockException(block, $"The checksum of column {SegmentSchema.Names[column]} does not hold.");
        _isChecked[column] = true;
        return chunk;
    }

    private T Read<T>(int column, Func<ColumnReader, T> read)
    {
        var chunk = Load(column);
        _group ??= _source!.RowGroup(block.Number);
        using var reader = _group.Column(column);
        var result = read(reader);
        _source!.Unload(chunk);
        return result;
    }
}
