namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;

/// <summary>Makes the store from the settings.</summary>
internal static class FileStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => throw new NotSupportedException();
}
