namespace Akka.Ingest.Stores.Files;

/// <summary>Describes a committed stretch of a day file anew, from its lines. What is no line any more is named by its neighbours.</summary>
internal sealed class BlockRebuild : IDisposable
{
    private readonly FileBlockBuilder _builder = new();
    private readonly EventLineDecoder _decoder = new();
    private readonly List<byte[]> _damaged = [];
    private Neighbour? _before;

    /// <summary>The commits among the lines.</summary>
    public PositionTable Positions { get; } = new();

    /// <param name="before">The block before the stretch.</param>
    /// <param name="after">The block behind it.</param>
    public IReadOnlyList<FileBlock> Run(IStoreFile file, long from, long to, FileBlock? before, FileBlock? after)
    {
        _builder.Begin(from);
        _damaged.Clear();
        _before = before is { Runs: [.., var last] }
            ? new Neighbour(last.Partition, last.ApiKeyId, last.FirstOrdinal + last.Count - 1, last.LastArrival)
            : null;
        var scanner = new LineScanner(file, from, to);
        while (scanner.MoveNext(out var line, out var isLine))
        {
            if (isLine)
            {
                Add(scanner, line);
                continue;
            }

            _builder.AddDamaged(scanner.Length);
            _damaged.Add(scanner.Bytes[..Math.Min(scanner.Length, LineFormat.TimestampOffset)].ToArray());
        }

        if (after is { Runs: [var first, ..] })
            AddLost(new Neighbour(first.Partition, first.ApiKeyId, first.FirstOrdinal, first.FirstArrival));
        _builder.Close();
        return _builder.Blocks;
    }

    public void Dispose() => _decoder.Dispose();

    private void Add(LineScanner scanner, in EventLine line)
    {
        _decoder.ReadKey(line);
        _decoder.ReadId(line);
        _decoder.ReadOrigin(line);
        var partition = new SpoolPartition(_decoder.Id.SpoolId, _decoder.Id.Partition);
        var here = new Neighbour(partition, _decoder.ApiKeyId, _decoder.Id.Ordinal, line.Arrival);
        AddLost(here);
        _before = here;
        _builder.Add(scanner.Length, partition, here.ApiKeyId, here.Ordinal, here.Arrival, _decoder.TimestampTicks, _decoder.Severity);
        if (line.ReadCommit() is { } commit)
            Positions.Move(partition, commit.Position);
    }

    private void AddLost(Neighbour after)
    {
        if (_damaged.Count == 0)
            return;
        foreach (var lost in LostEvents.Between(_before, after, _damaged))
            _builder.AddLost(lost.Partition, lost.ApiKeyId, lost.Ordinal, lost.Arrival);
        _damaged.Clear();
    }
}
