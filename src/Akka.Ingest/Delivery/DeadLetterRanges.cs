namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;

/// <summary>What is kept in memory of one dead-letter file.</summary>
/// <param name="First">Offset of its first event, which gives its name.</param>
/// <param name="FirstOrdinal">Ordinal of its first event.</param>
/// <param name="LastOrdinal">Ordinal of its last event.</param>
/// <param name="Count">Its events.</param>
internal readonly record struct DeadLetterRange(SpoolOffset First, long FirstOrdinal, long LastOrdinal, int Count);

/// <summary>The dead-letter files of one partition, by first ordinal. Not thread-safe.</summary>
internal sealed class DeadLetterRanges
{
    private readonly List<DeadLetterRange> _ranges = [];
    private long _longest;

    public IReadOnlyList<DeadLetterRange> All => _ranges;

    /// <summary>Adds a file, or replaces what was known of it.</summary>
    public void Set(DeadLetterRange range)
    {
        var at = FirstAtOrAfter(range.FirstOrdinal);
        if (at < _ranges.Count && _ranges[at].FirstOrdinal == range.FirstOrdinal)
            _ranges[at] = range;
        else
            _ranges.Insert(at, range);
        _longest = Math.Max(_longest, range.LastOrdinal - range.FirstOrdinal);
    }

    /// <summary>Forgets a file that is gone.</summary>
    public void Remove(DeadLetterRange range) => _ranges.Remove(range);

    /// <summary>Files that may hold ordinals of [from, to). Ranges of files can lie in one another.</summary>
    public List<DeadLetterRange> Overlapping(long from, long to)
    {
        var found = new List<DeadLetterRange>();
        for (var i = FirstAtOrAfter(from - _longest); i < _ranges.Count && _ranges[i].FirstOrdinal < to; i++)
        {
            if (_ranges[i].LastOrdinal >= from)
                found.Add(_ranges[i]);
        }

        return found;
    }

    private int FirstAtOrAfter(long ordinal)
    {
        var low = 0;
        var high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].FirstOrdinal < ordinal)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
