namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Globalization;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>Connections to the database, set up so that a commit that returned is on disk.</summary>
internal static class PostgreSqlDatabase
{
    /// <summary>
    /// Settings that every connection gets. A server that confirms after its standby (remote_apply) keeps doing so. Generic plans
    /// would not know which days and how many rows a query is about.
    /// </summary>
    private const string Prepare =
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply'); " +
        "SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals); " +
        "SET plan_cache_mode = force_custom_plan; SET jit = off; SET TimeZone = 'UTC'; SET idle_in_transaction_session_timeout = '60s';";

    private const string Check = "SELECT current_setting('synchronous_commit') IN ('on', 'remote_apply')";

    /// <exception cref="StoreException">The connection string cannot be read.</exception>
    public static NpgsqlDataSource Open(PostgreSqlStoreSettings settings)
    {
        try
        {
            var text = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
            {
                // What is set below must outlive the return to the pool.
                NoResetOnClose = true,
                MaxPoolSize = settings.Writers + settings.Readers + 4,
                MinPoolSize = 0,
                IncludeErrorDetail = false,
                PersistSecurityInfo = false,
            };
            text.ApplicationName ??= "akka-ingest";
            if (text.MaxAutoPrepare == 0)
                text.MaxAutoPrepare = 64;
            if (text.KeepAlive == 0)
                text.KeepAlive = 30;
            var source = new NpgsqlDataSourceBuilder(text.ToString());
            var lockLimit = string.Create(CultureInfo.InvariantCulture, $"SET lock_timeout = {(long)settings.LockLimit.TotalMilliseconds}");
            source.UsePhysicalConnectionInitializer(
                connection => InitializeAsync(connection, lockLimit).GetAwaiter().GetResult(), connection => InitializeAsync(connection, lockLimit));
            return source.Build();
        }
        catch (ArgumentException exception)
        {
            // The driver's message may quote the text.
            throw new StoreException(new StoreFailure(
                StoreFailureKind.Permanent, "postgresql:connection-string", "Storage:ConnectionString is not a connection string of PostgreSQL.", exception.GetType().FullName!));
        }
    }

    /// <exception cref="StoreException">The server is too old, or the database keeps text in another encoding.</exception>
    public static async Task CheckVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT current_setting('server_version_num')::int", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is int version && version < PostgreSqlSchema.LowestServerVersion)
            throw new StoreException(new StoreFailure(
                StoreFailureKind.Permanent,
                "postgresql:server-version",
                string.Create(CultureInfo.InvariantCulture, $"The server is PostgreSQL {version / 10_000}; the store needs {PostgreSqlSchema.LowestServerVersion / 10_000} or later."),
                typeof(StoreException).FullName!));

        // The indexes beside the events take text of any script; another encoding would refuse good events for it.
        await using var encoding = new NpgsqlCommand("SELECT current_setting('server_encoding')", connection);
        if (await encoding.ExecuteScalarAsync(cancellationToken) is string name && name != "UTF8")
            throw new StoreException(new StoreFailure(
                StoreFailureKind.Permanent,
                "postgresql:encoding",
                $"The database has the encoding {name}; the store needs UTF8. Create it with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.",
                typeof(StoreException).FullName!));
    }

    private static async Task InitializeAsync(NpgsqlConnection connection, string lockLimit)
    {
        await using (var prepare = new NpgsqlCommand(Prepare + lockLimit, connection))
            await prepare.ExecuteNonQueryAsync();
        await using var check = new NpgsqlCommand(Check, connection);
        if (await check.ExecuteScalarAsync() is not true)
            throw new NpgsqlException("The server does not take synchronous_commit = on; a write would not be on disk when it returns.");
    }
}
