namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

/// <summary>Makes the store from the settings.</summary>
internal static class PostgreSqlStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => new PostgreSqlLogStore(
        new PostgreSqlStoreSettings(options.ConnectionString ?? "")
        {
            IsSingleWriter = options.Deployment.NodeMode == NodeMode.SingleWriter,
            HasTextIndex = options.PostgreSql.TextIndex,
        },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<PostgreSqlLogStore>>());
}
