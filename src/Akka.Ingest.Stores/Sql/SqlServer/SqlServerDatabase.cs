namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>Connections to the database, and what is asked of it before it is trusted.</summary>
internal sealed class SqlServerDatabase
{
    private const int ForcedDelay = 2;
    private const int SnapshotsAllowed = 1;
    private readonly string _pooled;
    private readonly string _ownConnection;

    /// <exception cref="StoreException">The connection string cannot be read.</exception>
    public SqlServerDatabase(SqlServerStoreSettings settings)
    {
        try
        {
            var text = new SqlConnectionStringBuilder(settings.ConnectionString)
            {
                MultipleActiveResultSets = false,
                PersistSecurityInfo = false,
                Enlist = false,
            };
            if (!text.ShouldSerialize("Application Name"))
                text.ApplicationName = "akka-ingest";
            text.MaxPoolSize = Math.Max(text.MaxPoolSize, settings.Readers + 2);
            Name = $"{text.InitialCatalog} on {text.DataSource}";
            _pooled = text.ToString();
            text.Pooling = false;
            // A driver that reconnects unseen would come back without the session's settings and locks.
            text.ConnectRetryCount = 0;
            _ownConnection = text.ToString();
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The driver's message may quote the text.
            throw SqlServerFailures.Refusal("sqlserver:connection-string", "Storage:ConnectionString is not a connection string of SQL Server.");
        }
    }

    /// <summary>For messages: the database and the server, no secrets.</summary>
    public string Name { get; }

    /// <summary>A connection for one piece of work, out of the pool.</summary>
    public Task<SqlConnection> OpenPooledAsync(CancellationToken cancellationToken) => OpenAsync(_pooled, cancellationToken);

    /// <summary>A connection that its owner keeps; nobody else gets it afterwards, whatever was set on it.</summary>
    public Task<SqlConnection> OpenOwnAsync(CancellationToken cancellationToken) => OpenAsync(_ownConnection, cancellationToken);

    /// <summary>Forgets idle connections, for example after the database was dropped.</summary>
    public void ClearPool()
    {
        using var connection = new SqlConnection(_pooled);
        SqlConnection.ClearPool(connection);
    }

    /// <summary>A commit that returned is on disk, or the store is not used.</summary>
    /// <exception cref="StoreException">The database forces delayed durability.</exception>
    public static async Task RequireDurabilityAsync(SqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        var state = await ReadStateAsync(connection, limit, cancellationToken);
        if (state.DelayedDurability == ForcedDelay)
            throw SqlServerFailures.Refusal(
                "sqlserver:delayed-durability",
                $"Database {state.Name} has DELAYED_DURABILITY = FORCED: a commit returns before it is on disk, and what was acknowledged could be lost. " +
                "Set it to DISABLED (ALTER DATABASE … SET DELAYED_DURABILITY = DISABLED) and start again.");
    }

    /// <summary>Lets queries read one moment of the database.</summary>
    public static async Task AllowSnapshotsAsync(SqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        if ((await ReadStateAsync(connection, limit, cancellationToken)).SnapshotIsolation == SnapshotsAllowed)
            return;
        await using var allow = SqlServerAdminSql.AllowSnapshots.CreateCommand(connection, null, limit);
        await allow.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<SqlTransaction> BeginAsync(SqlConnection connection, IsolationLevel level, CancellationToken cancellationToken) =>
        (SqlTransaction)await connection.BeginTransactionAsync(level, cancellationToken);

    private static async Task<SqlConnection> OpenAsync(string text, CancellationToken cancellationToken)
    {
        var connection = new SqlConnection(text);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<(string Name, int DelayedDurability, int SnapshotIsolation)> ReadStateAsync(
        SqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var command = SqlServerAdminSql.DatabaseState.CreateCommand(connection, null, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new InvalidOperationException("The database does not show its row of sys.databases.");
        return (reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2));
    }
}
