namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>The lines of one write to one day file, and their blocks.</summary>
/// <remarks>Not thread-safe; used again for every write.</remarks>
internal sealed class BatchLines
{
    private readonly EventLineWriter _writer = new();
    private readonly FileBlockBuilder _blocks = new();
    private readonly List<LineKey> _keys = [];

    public ReadOnlyMemory<byte> Written => _writer.Written;

    /// <summary>Arrival number behind the last one given.</summary>
    public long NextArrival { get; private set; }

    /// <param name="start">Offset in the file where the write begins.</param>
    public void Begin(long start, long nextArrival)
    {
        NextArrival = nextArrival;
        _writer.Clear();
        _blocks.Begin(start);
    }

    /// <summary>Adds the events of a batch, or those received on <paramref name="day"/>; nothing where one of them is bad.</summary>
    public bool TryAdd(StoreBatch batch, DateOnly? day, out InvalidDataException bad)
    {
        bad = null!;
        var length = _writer.Length;
        var arrival = NextArrival;
        _keys.Clear();
        try
        {
            Write(batch, day);
        }
        catch (InvalidDataException exception)
        {
            bad = exception;
            _writer.Truncate(length);
            return false;
        }

        Describe(batch, day, arrival);
        NextArrival = arrival + batch.EventCount;
        return true;
    }

    public FileBlock[] TakeBlocks()
    {
        _blocks.Close();
        return [.. _blocks.Blocks];
    }

    private void Write(StoreBatch batch, DateOnly? day)
    {
        var partition = new SpoolPartition(batch.SpoolId, batch.Partition);
        var left = batch.EventCount;
        var arrival = NextArrival;
        foreach (var slice in batch.Slices)
        {
            if (IsOn(slice, day))
            {
                _writer.Begin(partition, slice.ReceivedAt, slice.ApiKeyId);
                WriteSlice(slice, arrival, left == slice.Count ? batch.Next : null);
            }

            arrival += slice.Count;
            left -= slice.Count;
        }
    }

    private void WriteSlice(StoreSlice slice, long arrival, StoredPosition? next)
    {
        var records = slice.Records.Span;
        for (var i = 0; i < slice.Count; i++)
        {
            var record = EventRecord.Read(records);
            var isLast = i == slice.Count - 1 && next is not null;
            var length = _writer.Write(record, slice.FirstOrdinal + i, arrival + i, isLast ? new LineCommit(next!.Value, _keys.Count + 1, _writer.Length) : null);
            _keys.Add(new LineKey(length, record.TimestampTicks, record.Severity));
            records = records[record.Bytes.Length..];
        }
    }

    private void Describe(StoreBatch batch, DateOnly? day, long arrival)
    {
        var partition = new SpoolPartition(batch.SpoolId, batch.Partition);
        var at = 0;
        foreach (var slice in batch.Slices)
        {
            for (var i = 0; i < slice.Count && IsOn(slice, day); i++)
            {
                var key = _keys[at++];
                _blocks.Add(key.Length, partition, slice.ApiKeyId, slice.FirstOrdinal + i, arrival + i, key.TimestampTicks, key.Severity);
            }

            arrival += slice.Count;
        }
    }

    private static bool IsOn(StoreSlice slice, DateOnly? day) => slice.Count > 0 && (day is null || StoredDay.Of(slice.ReceivedAt) == day);

    private readonly record struct LineKey(int Length, long TimestampTicks, Severity Severity);
}
