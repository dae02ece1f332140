namespace Akka.Ingest.Spool;

/// <summary>How old the oldest event is that is not stored, from at most <see cref="MaxMarks"/> marks however long the backlog.</summary>
/// <remarks>When the marks run out, neighbours are joined and keep the older time: the age may be told too high, never too low.</remarks>
internal sealed class BacklogAges
{
    public const int MaxMarks = 1_024;

    private readonly List<(long EndOrdinal, DateTime ReceivedAt)> _marks = [];
    private int _first;

    public void Add(long endOrdinal, DateTime receivedAt)
    {
        if (_marks.Count - _first >= MaxMarks)
            Join();
        _marks.Add((endOrdinal, receivedAt));
    }

    public void Settle(long ordinal)
    {
        while (_first < _marks.Count && _marks[_first].EndOrdinal <= ordinal)
            _first++;
        if (_first < MaxMarks && _first < _marks.Count)
            return;
        _marks.RemoveRange(0, _first);
        _first = 0;
    }

    public DateTime? Oldest => _first < _marks.Count ? _marks[_first].ReceivedAt : null;

    private void Join()
    {
        var joined = new List<(long, DateTime)>(MaxMarks);
        for (var i = _first; i < _marks.Count; i += 2)
            joined.Add((_marks[Math.Min(i + 1, _marks.Count - 1)].EndOrdinal, _marks[i].ReceivedAt));
        _marks.Clear();
        _marks.AddRange(joined);
        _first = 0;
    }
}
