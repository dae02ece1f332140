namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;

/// <summary>Makes the store from the settings.</summary>
internal static class SqlServerStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => throw new NotSupportedException();
}
