namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

/// <summary>Makes the store from the settings.</summary>
internal static class SqlServerStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => new SqlServerLogStore(
        new SqlServerStoreSettings(options.ConnectionString ?? "")
        {
            IsSingleWriter = options.Deployment.NodeMode == NodeMode.SingleWriter,
            HasColumnstore = options.SqlServer.Columnstore,
        },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<SqlServerLogStore>>());
}
