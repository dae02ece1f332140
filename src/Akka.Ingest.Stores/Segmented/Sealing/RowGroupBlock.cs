namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Globalization;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.Reading;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>The events of one row group.</summary>
internal sealed class RowGroupBlock : StoredBlock
{
    private readonly SegmentFile _file;
    private readonly IReadOnlyList<IdSpan> _spans;

    private RowGroupBlock(SegmentFile file, int number, RowGroupEntry entry)
    {
        _file = file;
        Number = number;
        Chunks = [.. entry.Chunks];
        _spans = IdSpan.Of(entry.Ids);
    }

    /// <summary>Place in the segment.</summary>
    public int Number { get; }

    public IReadOnlyList<FilePart> Chunks { get; }

    public SegmentFile File => _file;

    public static RowGroupBlock Of(SegmentFile file, int number, RowGroupEntry entry) => new(file, number, entry)
    {
        Count = entry.Rows,
        LowestTimestamp = entry.LowestTimestamp,
        HighestTimestamp = entry.HighestTimestamp,
        LowestArrival = entry.LowestArrival,
        HighestArrival = entry.HighestArrival,
        Levels = entry.Levels,
    };

    public override long ExpandedBytes => Chunks.Sum(chunk => (long)chunk.Length) * 8;

    public override bool MayHold(EventId id)
    {
        foreach (var span in _spans)
        {
            if (id.Ordinal >= span.First && id.Ordinal <= span.Last && id.Partition == span.Partition && id.SpoolId == span.SpoolId)
                return true;
        }

        return false;
    }

    public override BlockRows Open() => new RowGroupRows(this);

    public override StoreDamage Describe(string reason)
    {
        var end = Chunks[^1].Offset + Chunks[^1].Length - 1;
        var where = string.Create(CultureInfo.InvariantCulture, $"{_file.Name}, row group {Number}, bytes {Chunks[0].Offset} to {end}");
        return new StoreDamage(where, reason, _file.TryReadIndex()?.RowGroups[Number].Ids ?? []);
    }

    /// <summary>Lowest and highest ordinal of one partition.</summary>
    private readonly record struct IdSpan(Guid SpoolId, int Partition, long First, long Last)
    {
        public static List<IdSpan> Of(IReadOnlyList<EventIdRange> runs)
        {
            var spans = new List<IdSpan>();
            foreach (var run in runs)
            {
                var last = run.FirstOrdinal + run.Count - 1;
                if (spans.Count > 0 && spans[^1] is var span && span.SpoolId == run.SpoolId && span.Partition == run.Partition)
                    spans[^1] = span with { Last = last };
                else
                    spans.Add(new IdSpan(run.SpoolId, run.Partition, run.FirstOrdinal, last));
            }

            return spans;
        }
    }
}
