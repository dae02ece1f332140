namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

/// <summary>Makes the store from the settings.</summary>
internal static class SqliteStoreFactory
{
    public static ILogStore Create(StorageOptions options, IServiceProvider services) => new SqliteLogStore(
        new SqliteStoreSettings(Path.Combine(options.Path, "store", "events.db")),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<SqliteLogStore>>());
}
