namespace Akka.Ingest.Stores.Tests.Segmented;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Tests.Files;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>The store with everything in the active file until <see cref="MaintainAsync"/> seals it.</summary>
public sealed class SegmentedLogStoreTests : FolderStoreSpec
{
    private protected override ILogStore CreateStore(string folder, IStoreFileSystem files) => new SegmentedLogStore(
        new SegmentedStoreSettings(folder)
        {
            MaintenanceInterval = Timeout.InfiniteTimeSpan,
            RowGroupRows = 3,
            TargetRows = 12,
            CompactAtSegments = 2,
        },
        files,
        TimeProvider.System,
        NullLogger<SegmentedLogStore>.Instance);

    private protected override Task MaintainAsync(ILogStore store) => ((SegmentedLogStore)store).MaintainAsync();

    private protected override IReadOnlyList<byte> FlipMasks => [0xFF];

    private protected override IEnumerable<EventId> MayBeLost(string file, byte[] content, int offset) => [];
}
