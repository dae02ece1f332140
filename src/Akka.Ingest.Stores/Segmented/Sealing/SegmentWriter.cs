namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Runtime.InteropServices;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Reading;
using ParquetSharp;
using ParquetSharp.IO;

/// <summary>Writes the rows of one segment, in the order they are given, to one Parquet file.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly SegmentedStoreSettings _settings;
    private readonly IStoreFile _file;
    private readonly HashingStream _stream;
    private readonly ManagedOutputStream _output;
    private readonly WriterProperties _properties;
    private readonly ParquetFileWriter _parquet;
    private readonly RowGroupBuffer _rows;
    private readonly List<RowGroupEntry> _groups = [];
    private readonly Dictionary<(Guid SpoolId, string ApiKeyId), long> _tallies = [];
    private FilePart _head;

    /// <param name="file">Empty; stays the caller's.</param>
    public SegmentWriter(SegmentedStoreSettings settings, IStoreFile file)
    {
        _settings = settings;
        _file = file;
        _stream = new HashingStream(file);
        _output = new ManagedOutputStream(_stream);
        _properties = SegmentSchema.CreateProperties(settings.CompressionLevel);
        using var schema = SegmentSchema.CreateSchema();
        _parquet = new ParquetFileWriter(_output, schema, _properties);
        _rows = new RowGroupBuffer(settings.RowGroupRows);
    }

    /// <summary>Events by spool and key.</summary>
    public IReadOnlyDictionary<(Guid SpoolId, string ApiKeyId), long> Tallies => _tallies;

    public void Add(BlockRows rows, int row)
    {
        _rows.Add(rows, row);
        if (_rows.IsFull || _rows.Bytes >= _settings.RowGroupBytes)
            WriteRowGroup();
    }

    /// <summary>Writes what is left and the footer, and flushes the file.</summary>
    public SegmentIndex Finish()
    {
        if (_rows.Count > 0)
            WriteRowGroup();
        _parquet.Close();
        var footer = _stream.EndPart();
        _stream.Drain();
        _file.Flush();
        var bytes = new byte[footer.Length];
        _file.Read(footer.Offset, bytes);
        return new SegmentIndex(_groups, footer, bytes);
    }

    public void Dispose()
    {
        _parquet.Dispose();
        _output.Dispose();
        _stream.Dispose();
        _properties.Dispose();
        _rows.Dispose();
    }

    private void WriteRowGroup()
    {
        if (_head.Length == 0)
            _head = _stream.EndPart();
        var chunks = new List<FilePart>(SegmentSchema.Columns);
        using (var group = _parquet.AppendRowGroup())
        {
            _rows.Write(fill =>
            {
                using (var column = group.NextColumn())
                {
                    fill(column);
                    column.Close();
                }

                chunks.Add(_stream.EndPart());
            });
            group.Close();
        }

        _groups.Add(Describe(chunks));
        _rows.Clear();
    }

    private RowGroupEntry Describe(List<FilePart> chunks)
    {
        var levels = new int[6];
        for (var row = 0; row < _rows.Count; row++)
            levels[_rows.Level(row)]++;
        var (first, last) = (long.MaxValue, long.MinValue);
        for (var row = 0; row < _rows.Count; row++)
            CollectionsMarshal.GetValueRefOrAddDefault(_tallies, (_rows.Ids[row].SpoolId, _rows.ApiKeyId(row)), out _)++;
        foreach (var arrival in _rows.Arrivals)
        {
            first = Math.Min(first, arrival);
            last = Math.Max(last, arrival);
        }

        return new RowGroupEntry(
            _rows.Count, _rows.Timestamp(0), _rows.Timestamp(_rows.Count - 1), first, last, levels, chunks, IdRuns.Of(_rows.Ids));
    }
}

/// <summary>Ids as runs of ordinals.</summary>
internal static class IdRuns
{
    public static List<EventIdRange> Of(ReadOnlySpan<Akka.Ingest.Model.EventId> ids)
    {
        var runs = new List<EventIdRange>();
        var sorted = ids.ToArray();
        Array.Sort(sorted, static (left, right) => RowOrder.Ids(left, right));
        foreach (var id in sorted)
        {
            if (runs.Count > 0 && runs[^1] is var run && run.SpoolId == id.SpoolId && run.Partition == id.Partition && run.FirstOrdinal + run.Count == id.Ordinal)
                runs[^1] = run with { Count = run.Count + 1 };
            else
                runs.Add(new EventIdRange(id.SpoolId, id.Partition, id.Ordinal, 1));
        }

        return runs;
    }
}
