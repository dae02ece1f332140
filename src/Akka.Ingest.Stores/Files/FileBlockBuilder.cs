namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;

/// <summary>Describes lines as blocks while they are written or read.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FileBlockBuilder
{
    private readonly List<EventRun> _runs = [];
    private LevelCounts _levels;
    private long _offset;
    private long _end;
    private long _lowest = long.MaxValue;
    private long _highest = long.MinValue;
    private int _lines;

    /// <summary>The finished blocks.</summary>
    public List<FileBlock> Blocks { get; } = [];

    /// <summary>Begins at an offset of the file, with nothing.</summary>
    public void Begin(long offset)
    {
        Blocks.Clear();
        Reset(offset);
    }

    /// <summary>Adds the line behind the last one.</summary>
    public void Add(int length, SpoolPartition partition, string apiKeyId, long ordinal, long arrival, long timestampTicks, Severity severity)
    {
        Grow(length);
        AddToRuns(partition, apiKeyId, ordinal, arrival);
        _levels[(int)severity]++;
        _lowest = Math.Min(_lowest, timestampTicks);
        _highest = Math.Max(_highest, timestampTicks);
    }

    /// <summary>Adds a line of which only the identity is known.</summary>
    public void AddLost(SpoolPartition partition, string apiKeyId, long ordinal, long arrival) => AddToRuns(partition, apiKeyId, ordinal, arrival);

    /// <summary>Adds bytes that are no line that holds.</summary>
    public void AddDamaged(int length) => Grow(length);

    /// <summary>Finishes the block under way.</summary>
    public void Close()
    {
        if (_lines > 0)
        {
            Blocks.Add(new FileBlock
            {
                Offset = _offset,
                Length = (int)(_end - _offset),
                LowestTimestamp = _lowest,
                HighestTimestamp = _highest,
                Levels = _levels,
                Lines = _lines,
                HasExactLevels = _levels.Sum == _lines,
                Runs = [.. _runs],
            });
        }

        Reset(_end);
    }

    private void Grow(int length)
    {
        if (_lines > 0 && _end - _offset + length > FileBlock.TargetBytes)
            Close();
        _end += length;
    }

    private void AddToRuns(SpoolPartition partition, string apiKeyId, long ordinal, long arrival)
    {
        _lines++;
        if (_runs.Count > 0 && _runs[^1] is var last && last.IsContinuedBy(partition, apiKeyId, ordinal, arrival))
            _runs[^1] = last with { Count = last.Count + 1 };
        else
            _runs.Add(new EventRun(partition, apiKeyId, ordinal, arrival, 1));
    }

    private void Reset(long offset)
    {
        _runs.Clear();
        _levels = default;
        _offset = offset;
        _end = offset;
        _lowest = long.MaxValue;
        _highest = long.MinValue;
        _lines = 0;
    }
}
