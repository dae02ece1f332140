namespace Akka.Ingest.Stores.Tests.Segmented;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>Everything that every store does, while the background work seals and merges as often as it can.</summary>
public sealed class SegmentedBackgroundTests : LogStoreSpec
{
    private readonly TemporaryFolder _folder = new();

    protected override ILogStore CreateStore() => new SegmentedLogStore(
        new SegmentedStoreSettings(Path.Combine(_folder.Path, "store"))
        {
            MaintenanceInterval = TimeSpan.FromMilliseconds(1),
            SqlRows = 0,
            SealRows = 40,
            RowGroupRows = 16,
            TargetRows = 400,
            CompactAtSegments = 3,
            ExpandedBytes = 4096,
        },
        StoreFileSystem.Instance,
        TimeProvider.System,
        NullLogger<SegmentedLogStore>.Instance);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
