namespace Akka.Ingest.Stores.Segmented.Reading;

using System.Buffers;
using System.IO.Hashing;
using Akka.Ingest.Stores.Segmented.Sealing;

/// <summary>Checks columns of segments before a reader that does not check gets to see them.</summary>
internal static class SegmentChecks
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>The segments that hold any of the blocks and whose columns are what was written; others are left to readers that check.</summary>
    public static List<Segment> Checked(
        IEnumerable<Segment> segments, HashSet<StoredBlock> blocks, IReadOnlySet<int> columns, int threads, Action<DamagedBlockException> onDamage, CancellationToken cancellationToken)
    {
        var touched = segments.Where(segment => SqlCounts.CanRead(segment) && segment.Blocks.Any(blocks.Contains)).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.ForEach(touched.Where(segment => !segment.Blocks.Any(block => block.IsDamaged)), options, segment => Check(segment, columns, onDamage));
        return [.. touched.Where(segment => !segment.Blocks.Any(block => block.IsDamaged))];
    }

    private static void Check(Segment segment, IReadOnlySet<int> columns, Action<DamagedBlockException> onDamage)
    {
        using var file = segment.File.OpenFile();
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        var hash = new XxHash3();
        foreach (var block in segment.Blocks.Cast<RowGroupBlock>())
        {
            foreach (var column in columns)
            {
                var chunk = block.Chunks[column];
                hash.Reset();
                for (var done = 0; done < chunk.Length;)
                {
                    var piece = buffer.AsSpan(0, Math.Min(PieceBytes, chunk.Length - done));
                    if (file.Read(chunk.Offset + done, piece) < piece.Length)
                        break;
                    hash.Append(piece);
                    done += piece.Length;
                }

                if (hash.GetCurrentHashAsUInt64() != chunk.Checksum)
                {
                    onDamage(new DamagedBlockException(block, $"The checksum of column {SegmentSchema.Names[column]} does not hold."));
                    break;
                }
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
