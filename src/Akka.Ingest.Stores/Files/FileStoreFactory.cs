namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

/// <summary>Makes the store from the settings.</summary>
internal static class FileStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => new FileLogStore(
        new FileStoreSettings(Path.Combine(options.Path, "store")),
        StoreFileSystem.Instance,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<FileLogStore>>());
}
