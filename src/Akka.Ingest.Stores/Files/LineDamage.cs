namespace Akka.Ingest.Stores.Files;

using System.Globalization;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>The blocks in which lines were found that do not hold, each once.</summary>
internal sealed partial class LineDamage(ILogger logger)
{
    private const int MaxListed = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<(DateOnly Day, long Offset), StoreDamage> _found = [];

    public IReadOnlyList<StoreDamage> All
    {
        get
        {
            lock (_lock)
                return [.. _found.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        }
    }

    /// <summary>True when the block was found damaged before: what its description counts is not all there.</summary>
    public bool IsDamaged(DateOnly day, FileBlock block)
    {
        lock (_lock)
            return _found.Count > 0 && _found.ContainsKey((day, block.Offset));
    }

    /// <summary>Names what a block has lost.</summary>
    /// <param name="bytes">The block as read.</param>
    public void Add(DayFile file, FileBlock block, ReadOnlySpan<byte> bytes)
    {
        var lost = Lost(block, bytes);
        var events = lost.Sum(range => range.Count);
        lock (_lock)
        {
            if (_found.TryGetValue((file.Day, block.Offset), out var known) && known.Events.Sum(range => range.Count) >= events)
                return;
            if (events == 0 || _found.Count >= MaxListed)
                return;
            _found[(file.Day, block.Offset)] = new StoreDamage(
                string.Create(CultureInfo.InvariantCulture, $"{file.Name}, bytes {block.Offset} to {block.End - 1}"),
                "Lines there do not match their checksums; they were altered or damaged since they were written.",
                lost);
        }

        StoreInstruments.AlteredRecords.Add(events);
        LogDamaged(logger, events, file.Name, block.Offset, block.End - 1);
    }

    /// <summary>Forgets what was found in a day up to an offset: it has expired.</summary>
    public void Forget(DateOnly day, long through = long.MaxValue)
    {
        lock (_lock)
        {
            foreach (var place in _found.Keys.Where(place => place.Day == day && place.Offset <= through).ToArray())
                _found.Remove(place);
        }
    }

    /// <summary>The lines of a day are elsewhere in a new file.</summary>
    public void Move(DateOnly day, long distance)
    {
        lock (_lock)
        {
            var moved = _found.Where(pair => pair.Key.Day == day).ToArray();
            Forget(day);
            foreach (var (place, found) in moved)
                _found[(day, place.Offset + distance)] = found;
        }
    }

    private static List<EventIdRange> Lost(FileBlock block, ReadOnlySpan<byte> bytes)
    {
        var found = new HashSet<long>();
        for (var at = 0; at < bytes.Length;)
        {
            if (LineMatcher.TryMatch(bytes[at..], out var line, out var length))
                found.Add(line.Arrival);
            at += length;
        }

        var lost = new List<EventIdRange>();
        foreach (var run in block.Runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                if (found.Contains(run.FirstArrival + i))
                    continue;
                var ordinal = run.FirstOrdinal + i;
                if (lost.Count > 0 && lost[^1] is var last && last.SpoolId == run.Partition.SpoolId && last.Partition == run.Partition.Partition
                    && last.FirstOrdinal + last.Count == ordinal)
                    lost[^1] = last with { Count = last.Count + 1 };
                else
                    lost.Add(new EventIdRange(run.Partition.SpoolId, run.Partition.Partition, ordinal, 1));
            }
        }

        return lost;
    }

    [LoggerMessage(3111, LogLevel.Error, "{Events} stored events do not match their checksum and are not served; {File} was altered or damaged between bytes {First} and {Last}")]
    private static partial void LogDamaged(ILogger logger, long events, string file, long first, long last);
}
