namespace Akka.Ingest.Spool;

/// <summary>How old the oldest event is that is not stored, from at most <see cref="MaxMarks"/> marks however long the backlog.</summary>
/// <remarks>When the marks run out, neighbours are joined and keep the older time: the age may be told too high, never too low.</remarks>
internal sealed class BacklogAges
{
    public const int MaxMarks = 1_024;

    private readonly List<(long EndOrdinal, DateTime ReceivedAt, int Entries)> _marks = [];
    private int _first;

    /// <summary>Entries that one mark stands for.</summary>
    private int _span = 1;

    public DateTime? Oldest => _first < _marks.Count ? _marks[_first].ReceivedAt : null;

    public void Add(long endOrdinal, DateTime receivedAt)
    {
        if (_first < _marks.Count && _marks[^1].Entries < _span)
        {
            _marks[^1] = _marks[^1] with { EndOrdinal = endOrdinal, Entries = _marks[^1].Entries + 1 };
            return;
        }

        if (_marks.Count - _first >= MaxMarks)
            Join();
        _marks.Add((endOrdinal, receivedAt, 1));
    }

    public void Settle(long ordinal)
    {
        while (_first < _marks.Count && _marks[_first].EndOrdinal <= ordinal)
            _first++;
        if (_first == _marks.Count)
            _span = 1;
        if (_first < MaxMarks && _first < _marks.Count)
            return;
        _marks.RemoveRange(0, _first);
        _first = 0;
    }

    private void Join()
    {
        var joined = new List<(long, DateTime, int)>(MaxMarks);
        for (var i = _first; i < _marks.Count; i += 2)
        {
            var (_, receivedAt, entries) = _marks[i];
            var next = i + 1 < _marks.Count ? _marks[i + 1] : _marks[i] with { Entries = 0 };
            joined.Add((next.EndOrdinal, receivedAt, entries + next.Entries));
        }

        _marks.Clear();
        _marks.AddRange(joined);
        _first = 0;
        _span *= 2;
    }
}
