namespace Akka.Ingest.Stores.Files;

using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Looks through blocks for the lines that a plan asks for.</summary>
/// <remarks>Not thread-safe: one for each running query.</remarks>
internal sealed class BlockScan : IDisposable
{
    private readonly LogQueryPlan _plan;
    private readonly EventFilter _filter;
    private readonly BlockReader _reader;

    public BlockScan(LogQueryPlan plan, LineDamage damage)
    {
        _plan = plan;
        _filter = plan.CreateFilter();
        _reader = new BlockReader(damage);
    }

    /// <summary>The line looked at.</summary>
    public EventLineDecoder Line { get; } = new();

    /// <summary>Where it begins in its file.</summary>
    public long LineStart { get; private set; }

    public int LineLength { get; private set; }

    /// <summary>Its arrival number; read only with <see cref="LogOrder.Received"/>.</summary>
    public long Arrival { get; private set; }

    /// <summary>Lines looked at.</summary>
    public long Scanned { get; private set; }

    /// <summary>True when a block may hold a match.</summary>
    public bool MayMatch(FileBlock block) =>
        block.LowestTimestamp < _plan.ToTicks && block.HighestTimestamp >= _plan.FromTicks && !block.Levels.Set.Intersect(_plan.Levels).IsEmpty;

    /// <summary>Shows the matches of a block.</summary>
    /// <param name="isWanted">Asked of a line in the range before its filter is; time, level and arrival are read.</param>
    public void Run(DayFile file, FileBlock block, Func<bool> isWanted, Action visit, long afterArrival = 0)
    {
        _reader.Open(file, block);
        while (_reader.MoveNext(out var line))
        {
            if (_plan.Order == LogOrder.Received && (Arrival = line.Arrival) <= afterArrival)
                continue;
            Scanned++;
            Line.ReadKey(line);
            if (Line.TimestampTicks < _plan.FromTicks || Line.TimestampTicks >= _plan.ToTicks || !_plan.Levels.Contains(Line.Severity) || !isWanted())
                continue;
            if (!_filter.IsTrue && !Matches(line))
                continue;
            LineStart = block.Offset + _reader.LineOffset;
            LineLength = line.Bytes.Length;
            if (_filter.IsTrue)
                Line.ReadId(line);
            visit();
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        Line.Dispose();
    }

    private bool Matches(in EventLine line)
    {
        Line.ReadId(line);
        var end = Line.ReadOrigin(line);
        Line.ReadRecord(line, end, _filter.Fields);
        try
        {
            return _filter.Matches(EventRecord.Read(Line.Record), new EventOrigin(Line.Id, Line.ReceivedTicks, Line.ApiKeyUtf8));
        }
        catch (JsonException)
        {
            // It was no JSON when it was written.
            return false;
        }
    }
}
