namespace Akka.Ingest.Stores.Files;

/// <summary>
/// Decides how far the end of a day file, which no index describes, was committed. Only the last write can have been cut by a crash:
/// everything before it was flushed. In the last write a batch counts when it is whole up to its commit.
/// </summary>
internal sealed class TailCheck
{
    private readonly List<Item> _lastWrite = [];
    private readonly long _start;
    private long _end;
    private long _writeStart = -1;

    public TailCheck(IStoreFile file, long from, long to)
    {
        _start = from;
        using var decoder = new EventLineDecoder();
        var scanner = new LineScanner(file, from, to);
        while (scanner.MoveNext(out var line, out var isLine))
        {
            // Without its newline the last line was cut, even if by no more than that.
            if (isLine && scanner.Length > line.Bytes.Length)
                Add(scanner, line, decoder);
            else
                _lastWrite.Add(new Item(scanner.Offset, scanner.Length, null, 0, null));
        }

        Settle();
    }

    /// <summary>The commits that count.</summary>
    public PositionTable Positions { get; } = new();

    /// <summary>
    /// Where the committed part ends. Lines without a commit behind it are the part of a batch whose commit stands in another day's file:
    /// <paramref name="positions"/> tells whether it does.
    /// </summary>
    public long EndOf(PositionTable positions)
    {
        var end = _end;
        foreach (var item in _lastWrite.Where(item => item.Offset >= _end))
        {
            if (item.Partition is not { } partition || !positions.All.TryGetValue(partition, out var position) || item.Ordinal >= position.Ordinal)
                break;
            end = item.Offset + item.Length;
        }

        return end;
    }

    private void Add(LineScanner scanner, in EventLine line, EventLineDecoder decoder)
    {
        decoder.ReadId(line);
        var commit = line.ReadCommit();
        _lastWrite.Add(new Item(scanner.Offset, scanner.Length, new SpoolPartition(decoder.Id.SpoolId, decoder.Id.Partition), decoder.Id.Ordinal, commit));
        if (commit is not { } found)
            return;
        var writeStart = scanner.Offset - found.BytesIntoWrite;
        if (writeStart < _start)
        {
            // The rest of the write stands in the index, or has expired and was taken out of the file: it was flushed before.
            Confirm(scanner.Offset + scanner.Length);
        }
        else if (writeStart > _writeStart)
        {
            Confirm(writeStart);
        }
    }

    private void Confirm(long end)
    {
        foreach (var item in _lastWrite.Where(item => item.Offset < end && item.Commit is not null))
            Positions.Move(item.Partition!.Value, item.Commit!.Value.Position);
        _lastWrite.RemoveAll(item => item.Offset < end);
        _writeStart = end;
    }

    private void Settle()
    {
        _end = Math.Max(_start, _writeStart);
        var lines = 0;
        foreach (var item in _lastWrite)
        {
            if (item.Partition is not { } partition)
                return;
            lines++;
            if (item.Commit is not { } commit)
                continue;
            if (commit.Lines != lines)
                return;
            Positions.Move(partition, commit.Position);
            _end = item.Offset + item.Length;
            lines = 0;
        }
    }

    /// <param name="Partition">Null for a damaged stretch.</param>
    private sealed record Item(long Offset, int Length, SpoolPartition? Partition, long Ordinal, LineCommit? Commit);
}
