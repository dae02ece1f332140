namespace Akka.Ingest.Stores.Tests.Segmented;

using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Sealing;
using Akka.Ingest.Stores.Segmented.State;
using Akka.Ingest.Stores.Tests.Files;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>The store with everything in the active file until <see cref="MaintainAsync"/> seals it.</summary>
public sealed class SegmentedLogStoreTests : FolderStoreSpec
{
    private readonly ConcurrentDictionary<string, SegmentIndex> _indexes = [];
    private readonly ConditionalWeakTable<ILogStore, string> _folders = [];

    private protected override ILogStore CreateStore(string folder, IStoreFileSystem files)
    {
        var store = Create(folder, files);
        _folders.Add(store, folder);
        return store;
    }

    private static SegmentedLogStore Create(string folder, IStoreFileSystem files) => new(
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

    private protected override async Task MaintainAsync(ILogStore store)
    {
        await ((SegmentedLogStore)store).MaintainAsync();
        _folders.TryGetValue(store, out var folder);
        foreach (var path in Directory.GetFiles(folder!, "*.index", SearchOption.AllDirectories))
            _indexes[Path.GetFileNameWithoutExtension(path).TrimStart('_')] = SegmentIndexFormat.Read(TwinFile.Read(StoreFileSystem.Instance, path, out _)!);
    }

    private protected override IReadOnlyList<byte> FlipMasks => [0xFF];

    /// <summary>A start with a damaged segment writes it anew: all bytes take six minutes. <c>INGEST_FLIP_STRIDE=1</c> tries every one.</summary>
    private protected override int FlipStride(string file) =>
        !file.EndsWith(".parquet", StringComparison.Ordinal) ? 1
        : int.TryParse(Environment.GetEnvironmentVariable("INGEST_FLIP_STRIDE"), CultureInfo.InvariantCulture, out var stride) ? stride : 5;

    private protected override IEnumerable<EventId> MayBeLost(string file, byte[] content, int offset)
    {
        if (file.EndsWith(".frames", StringComparison.Ordinal))
            return FrameAt(content, offset);
        return file.EndsWith(".parquet", StringComparison.Ordinal) ? RowGroupAt(file, offset) : [];
    }

    private static EventId[] FrameAt(byte[] content, int offset)
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

    private IEnumerable<EventId> RowGroupAt(string file, int offset) =>
        from name in new[] { Path.GetFileNameWithoutExtension(file) }
        from groups in _indexes[name].RowGroups
        where offset >= groups.Chunks[0].Offset && offset < groups.Chunks[^1].Offset + groups.Chunks[^1].Length
        from run in groups.Ids
        from i in Enumerable.Range(0, (int)run.Count)
        select new EventId(run.SpoolId, run.Partition, run.FirstOrdinal + i);
}
