namespace Akka.Ingest.Stores;

using Akka.Ingest.Hosting;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Stores.Sql.Sqlite;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

/// <summary>Adds the store that <c>Storage:Provider</c> names.</summary>
public static class LogStoreRegistration
{
    /// <summary>
    /// Registers <see cref="ILogStore"/> and <see cref="ILogQueryPlanner"/>. Whoever hosts the store calls
    /// <see cref="ILogStore.InitializeAsync"/> before use.
    /// </summary>
    public static IServiceCollection AddLogStores(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILogQueryPlanner, LogQueryPlanner>();
        services.TryAddSingleton<StoreMetrics>();
        services.TryAddSingleton<ILogStore>(provider => new MeasuredLogStore(
            Create(provider), provider.GetRequiredService<StoreMetrics>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static ILogStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        return options.Provider switch
        {
            StorageProvider.File => FileStoreFactory.Create(options, services),
            StorageProvider.Segmented => SegmentedStoreFactory.Create(options, services),
            StorageProvider.PostgreSql => PostgreSqlStoreFactory.Create(options, services),
            StorageProvider.SqlServer => SqlServerStoreFactory.Create(options, services),
            _ => SqliteStoreFactory.Create(options, services),
        };
    }
}
