namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

/// <summary>Makes the store from the settings.</summary>
internal static class SegmentedStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => new SegmentedLogStore(
        new SegmentedStoreSettings(Path.Combine(options.Path, "store")),
        StoreFileSystem.Instance,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<SegmentedLogStore>>());
}
