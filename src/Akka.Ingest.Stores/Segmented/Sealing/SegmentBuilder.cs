namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Runtime.InteropServices;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>
/// Makes segments of blocks: one for each day of receipt, sorted by (timestamp, id). Reads the blocks twice, first for the order, then for
/// the rows, and holds few of them at a time: blocks that follow each other in time are each expanded once.
/// </summary>
internal sealed class SegmentBuilder(SegmentedStoreSettings settings, IStoreFileSystem files, SegmentFiles segmentFiles, Action<DamagedBlockException> onDamage)
{
    /// <summary>Writes the segments durably; they are no part of the store before the manifest says so. Damaged blocks are left out.</summary>
    public List<Segment> Build(IReadOnlyList<StoredBlock> blocks, long firstNumber)
    {
        while (true)
        {
            try
            {
                return TryBuild([.. blocks.Where(block => !block.IsDamaged && block.Count > 0)], firstNumber);
            }
            catch (DamagedBlockException exception)
            {
                // Once more without it.
                onDamage(exception);
            }
        }
    }

    private List<Segment> TryBuild(IReadOnlyList<StoredBlock> blocks, long firstNumber)
    {
        var segments = new List<Segment>();
        using var open = new OpenBlocks(blocks, settings.ExpandedBytes);
        foreach (var (day, keys) in SortedRows.Of(blocks, open))
            segments.Add(Write(day, firstNumber + segments.Count, keys, open));
        return segments;
    }

    private Segment Write(DateOnly day, long number, List<SortKey> keys, OpenBlocks open)
    {
        var file = segmentFiles.FileOf(day, number);
        files.CreateDirectory(file.DayFolder);
        var temporary = file.ParquetPath + TemporaryFiles.Extension;
        SegmentIndex index;
        List<SegmentTally> tallies;
        using (var parquet = files.OpenOrCreate(temporary))
        {
            parquet.SetLength(0);
            using var writer = new SegmentWriter(settings, parquet);
            foreach (ref readonly var key in CollectionsMarshal.AsSpan(keys))
                writer.Add(open.Get(key.Block), key.Row);
            index = writer.Finish();
            tallies = [.. writer.Tallies.Select(tally => new SegmentTally(tally.Key.SpoolId, tally.Key.ApiKeyId, tally.Value))];
        }

        files.Move(temporary, file.ParquetPath);
        var indexBytes = SegmentIndexFormat.Write(index);
        TwinFile.Write(files, file.IndexPath, indexBytes);
        var entry = new SegmentEntry(number, day, keys.Count, index.FileLength + (2L * indexBytes.Length), tallies);
        return SegmentFiles.Open(entry, file, index);
    }
}

/// <summary>A row and its place in the order of (timestamp, id).</summary>
/// <param name="Origin">Rank of spool and partition.</param>
internal readonly record struct SortKey(long Timestamp, long Ordinal, int Origin, int Block, int Row);

internal readonly struct SortKeyOrder : IComparer<SortKey>
{
    public int Compare(SortKey x, SortKey y)
    {
        if (x.Timestamp != y.Timestamp)
            return x.Timestamp.CompareTo(y.Timestamp);
        return x.Origin != y.Origin ? x.Origin.CompareTo(y.Origin) : x.Ordinal.CompareTo(y.Ordinal);
    }
}

/// <summary>The rows of blocks in the order of a segment.</summary>
internal static class SortedRows
{
    public static IEnumerable<(DateOnly Day, List<SortKey> Keys)> Of(IReadOnlyList<StoredBlock> blocks, OpenBlocks open)
    {
        var byDay = new SortedDictionary<DateOnly, List<SortKey>>();
        var origins = new Dictionary<(Guid SpoolId, int Partition), int>();
        var expected = blocks.Sum(block => block.Count);
        for (var block = 0; block < blocks.Count; block++)
            Collect(open.Get(block), block, origins, byDay, expected);
        var ranks = Ranks(origins);
        foreach (var (day, rows) in byDay)
        {
            Sort(rows, ranks);
            yield return (day, rows);
        }
    }

    private static void Sort(List<SortKey> rows, int[] ranks)
    {
        var keys = CollectionsMarshal.AsSpan(rows);
        foreach (ref var key in keys)
            key = key with { Origin = ranks[key.Origin] };
        keys.Sort(default(SortKeyOrder));
    }

    private static void Collect(
        BlockRows rows, int block, Dictionary<(Guid SpoolId, int Partition), int> origins, SortedDictionary<DateOnly, List<SortKey>> byDay, int expected)
    {
        var (known, origin) = (default(EventId), -1);
        var (received, day) = (-1L, (List<SortKey>?)null);
        for (var row = 0; row < rows.Count; row++)
        {
            var id = rows.Id(row);
            if (origin < 0 || id.Partition != known.Partition || id.SpoolId != known.SpoolId)
            {
                known = id;
                if (!origins.TryGetValue((id.SpoolId, id.Partition), out origin))
                    origins.Add((id.SpoolId, id.Partition), origin = origins.Count);
            }

            if (rows.ReceivedTicks(row) != received)
            {
                received = rows.ReceivedTicks(row);
                var date = StoredDay.Of(new DateTime(received, DateTimeKind.Utc));
                if (!byDay.TryGetValue(date, out day))
                    byDay.Add(date, day = new List<SortKey>(byDay.Count == 0 ? expected : 0));
            }

            day!.Add(new SortKey(rows.Timestamp(row), id.Ordinal, origin, block, row));
        }
    }

    private static int[] Ranks(Dictionary<(Guid SpoolId, int Partition), int> origins)
    {
        var ranks = new int[origins.Count];
        var rank = 0;
        foreach (var (_, number) in origins.OrderBy(pair => pair.Key.SpoolId).ThenBy(pair => pair.Key.Partition))
            ranks[number] = rank++;
        return ranks;
    }
}

/// <summary>Blocks opened for reading, the least recently used closed first once they take too much memory.</summary>
internal sealed class OpenBlocks(IReadOnlyList<StoredBlock> blocks, long maxBytes) : IDisposable
{
    private readonly BlockRows?[] _open = new BlockRows?[blocks.Count];
    private readonly long[] _lastUse = new long[blocks.Count];
    private long _uses;
    private long _bytes;

    public BlockRows Get(int block)
    {
        _lastUse[block] = ++_uses;
        if (_open[block] is { } rows)
            return rows;
        rows = _open[block] = blocks[block].Open();
        _bytes += blocks[block].ExpandedBytes;
        while (_bytes > maxBytes && LeastRecent(block) is { } oldest)
            Close(oldest);
        return rows;
    }

    public void Dispose()
    {
        for (var block = 0; block < _open.Length; block++)
        {
            if (_open[block] is not null)
                Close(block);
        }
    }

    private int? LeastRecent(int but)
    {
        int? oldest = null;
        for (var block = 0; block < _open.Length; block++)
        {
            if (_open[block] is not null && block != but && (oldest is not { } known || _lastUse[block] < _lastUse[known]))
                oldest = block;
        }

        return oldest;
    }

    private void Close(int block)
    {
        _bytes -= blocks[block].ExpandedBytes;
        _open[block]!.Dispose();
        _open[block] = null;
    }
}
