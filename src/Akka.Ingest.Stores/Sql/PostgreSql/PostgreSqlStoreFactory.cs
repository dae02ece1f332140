namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;

/// <summary>Makes the store from the settings.</summary>
internal static class PostgreSqlStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => throw new NotSupportedException();
}
