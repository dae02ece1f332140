namespace Akka.Ingest.Stores;

using Akka.Ingest.Hosting;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>Adds the store that <c>Storage:Provider</c> names.</summary>
public static class LogStoreRegistration
{
    /// <summary>
    /// Registers <see cref="ILogStore"/> and <see cref="ILogQueryPlanner"/>. Whoever hosts the store calls
    /// <see cref="ILogStore.InitializeAsync"/> before use. A provider that is not there yet is a mistake in the options, reported at
    /// start.
    /// </summary>
    public static IServiceCollection AddLogStores(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageProviderValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILogQueryPlanner, LogQueryPlanner>();
        services.TryAddSingleton(Create);
        return services;
    }

    private static ILogStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        var file = Path.Combine(options.Path, "store", "events.db");
        return new SqliteLogStore(
            new SqliteStoreSettings(file), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SqliteLogStore>>());
    }
}

/// <summary>Refuses the providers that this version does not have.</summary>
internal sealed class StorageProviderValidation : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) => options.Provider == StorageProvider.Sqlite
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"Storage:Provider = {options.Provider} is not available yet in this version; allowed: {StorageProvider.Sqlite}.");
}
