namespace Akka.Ingest.Stores.Tests.Segmented;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Sealing;
using Akka.Ingest.Stores.Tests.Files;
using Microsoft.Extensions.Logging.Abstractions;
using ParquetSharp;

/// <summary>The store with everything in the active file until <see cref="MaintainAsync"/> seals it.</summary>
public sealed class SegmentedLogStoreTests : FolderStoreSpec
{
    private protected override ILogStore CreateStore(string folder, IStoreFileSystem files) => new SegmentedLogStore(
        new SegmentedStoreSettings(folder)
        {
            MaintenanceInterval = Timeout.InfiniteTimeSpan,
            RowGroupRows = 4,
            TargetRows = 12,
            CompactAtSegments = 2,
        },
        files,
        TimeProvider.System,
        NullLogger<SegmentedLogStore>.Instance);

    private protected override Task MaintainAsync(ILogStore store) => ((SegmentedLogStore)store).MaintainAsync();

    private protected override IReadOnlyList<byte> FlipMasks => [0xFF];

    private protected override IEnumerable<EventId> MayBeLost(string file, byte[] content, int offset)
    {
        if (file.EndsWith(".frames", StringComparison.Ordinal))
            return FrameAt(content, offset);
        return file.EndsWith(".parquet", StringComparison.Ordinal) ? RowGroupAt(content, offset) : [];
    }

    private static IEnumerable<EventId> FrameAt(byte[] content, int offset)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "frames");
        File.WriteAllBytes(path, content);
        using var file = StoreFileSystem.Instance.OpenToRead(path);
        return ActiveReplay.Read(file).Frames.Where(frame => offset >= frame.Place.Offset && offset < frame.Place.End)
            .SelectMany(frame => frame.Header.Ids)
            .SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => new EventId(run.SpoolId, run.Partition, run.FirstOrdinal + i)))
            .ToArray();
    }

    private static IEnumerable<EventId> RowGroupAt(byte[] content, int offset)
    {
        using var input = new MemoryStream(content);
        using var reader = new ParquetFileReader(input);
        for (var number = 0; number < reader.FileMetaData.NumRowGroups; number++)
        {
            using var group = reader.RowGroup(number);
            var first = Enumerable.Range(0, SegmentSchema.Columns).Min(column => group.MetaData.GetColumnChunkMetaData(column).FileOffset);
            var length = Enumerable.Range(0, SegmentSchema.Columns).Sum(column => group.MetaData.GetColumnChunkMetaData(column).TotalCompressedSize);
            if (offset < first || offset >= first + length)
                continue;
            using var spools = group.Column(SegmentSchema.SpoolId).LogicalReader<string>();
            using var partitions = group.Column(SegmentSchema.Partition).LogicalReader<int>();
            using var ordinals = group.Column(SegmentSchema.Ordinal).LogicalReader<long>();
            var rows = (int)group.MetaData.NumRows;
            var (spool, partition, ordinal) = (spools.ReadAll(rows), partitions.ReadAll(rows), ordinals.ReadAll(rows));
            return Enumerable.Range(0, rows).Select(row => new EventId(Guid.Parse(spool[row]), partition[row], ordinal[row])).ToArray();
        }

        return [];
    }
}
