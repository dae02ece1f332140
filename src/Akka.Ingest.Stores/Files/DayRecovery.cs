namespace Akka.Ingest.Stores.Files;

using Microsoft.Extensions.Logging;

/// <summary>One day at start: what its index tells, and what only its lines tell.</summary>
internal sealed class DayRecovery : IDisposable
{
    /// <summary>An index with so many more records' blocks than it needs is written anew.</summary>
    private const int MaxLooseBlocks = 1_000;
    private readonly DayFile _file;
    private readonly DayIndexFile _indexFile;
    private readonly DayIndexContent _index;
    private readonly List<FileBlock> _described = [];
    private readonly BlockRebuild _rebuild = new();
    private readonly TailCheck _tail;
    private readonly long _expiredThrough;
    private bool _isIndexWrong;

    /// <param name="expiredThrough">Last arrival number that has expired.</param>
    public DayRecovery(IStoreFileSystem files, FileStorePaths paths, DateOnly day, long expiredThrough, ILogger logger)
    {
        _expiredThrough = expiredThrough;
        _indexFile = new DayIndexFile(files, paths.Index(day), logger);
        _file = new DayFile(day, files.OpenOrCreate(paths.Lines(day)));
        var length = _file.File.Length;
        _index = ReadIndex(files, paths.Index(day));

        // A day that expired, was removed and began anew must not be taken for what its old index says.
        _isIndexWrong = _index.Blocks.RemoveAll(block => block.LastArrival <= expiredThrough && block.End > length) > 0;
        DescribeIndexed();
        _tail = new TailCheck(_file.File, End, length);
        Committed.MoveAll(_index.Positions);
        Committed.MoveAll(_rebuild.Positions);
        Committed.MoveAll(_tail.Positions);
    }

    public DateOnly Day => _file.Day;

    /// <summary>The commits of this day.</summary>
    public PositionTable Committed { get; } = new();

    private long End => _described.Count > 0 ? _described[^1].End : 0;

    /// <summary>Cuts what was not committed and brings the index up to date.</summary>
    /// <param name="positions">The commits of all days.</param>
    public DayState Open(PositionTable positions, LineDamage damage)
    {
        var end = Math.Max(End, _tail.EndOf(positions));
        if (_file.File.Length > end)
            _file.File.SetLength(end);
        if (_file.File.Length > End)
        {
            // It may be there without ever having been flushed.
            _file.File.Flush();
            _described.AddRange(_rebuild.Run(_file.File, End, end, _described.LastOrDefault(), null));
        }

        var state = new DayState(_file, _indexFile);
        state.Replace(_described.Select(block => block.After(_expiredThrough)).OfType<FileBlock>(), end);
        foreach (var block in state.View.Blocks.Where(block => !block.HasExactLevels))
            Check(block, damage);
        _indexFile.Open(_index.Length);
        var isDue = _isIndexWrong || !_index.IsIntact || _described.Count != _index.Blocks.Count || _index.BlocksWritten - state.View.BlockCount > MaxLooseBlocks;

        // A full disk must not keep the store from starting: an index that only lacks something will do. One that is wrong is worse than none.
        if (isDue && !_indexFile.TryRewrite(DayIndex.Frames([.. state.View.Blocks], Committed.All)) && _isIndexWrong)
            _indexFile.Delete();
        _rebuild.Dispose();
        return state;
    }

    public void Dispose()
    {
        _rebuild.Dispose();
        _indexFile.Dispose();
        _file.Release();
    }

    // What the index describes, and what it should.
    private void DescribeIndexed()
    {
        foreach (var block in _index.Blocks)
        {
            if (block.Offset < End)
            {
                _isIndexWrong = true;
                continue;
            }

            if (block.Offset > End)
                _described.AddRange(_rebuild.Run(_file.File, End, block.Offset, _described.LastOrDefault(), block));
            _described.Add(block);
        }
    }

    private void Check(FileBlock block, LineDamage damage)
    {
        using var reader = new BlockReader(damage);
        reader.Open(_file, block);
        while (reader.MoveNext(out _))
        {
        }
    }

    private static DayIndexContent ReadIndex(IStoreFileSystem files, string path)
    {
        if (!files.FileExists(path))
            return new DayIndexContent();
        using var file = files.OpenToRead(path);
        return DayIndex.Read(RecordFrames.ReadWhole(file));
    }
}
