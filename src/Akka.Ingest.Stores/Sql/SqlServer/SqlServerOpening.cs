namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>Opens the store once: lease, settings of the database, schema, optional index. Safe to repeat until it succeeded.</summary>
internal sealed class SqlServerOpening(SqlServerDatabase database, SqlServerStoreSettings settings, SqlMigrator migrator) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>A columnstore over a large table takes its time.</summary>
    private static readonly TimeSpan IndexLimit = TimeSpan.FromHours(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isOpen;

    /// <summary>Null where any number of processes may write.</summary>
    public SqlServerLease? Lease { get; } = settings.IsSingleWriter ? new SqlServerLease(database) : null;

    /// <summary>Returns the schema version; null when the store was open already.</summary>
    /// <exception cref="StoreException">The database is away, has a newer schema, or must not be used as it is set.</exception>
    /// <exception cref="Hosting.LeaseHeldException">Another process writes.</exception>
    public async Task<int?> OpenAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_isOpen)
                return null;
            var version = await SqlServerCalls.RunAsync(PrepareAsync, IndexLimit, cancellationToken);
            _isOpen = true;
            return version;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lease is not null)
            await Lease.DisposeAsync();
        _turn.Dispose();
    }

    private async Task<int> PrepareAsync(CancellationToken cancellationToken)
    {
        // First, so that a newer program does not change the tables under one that still writes.
        if (Lease is not null)
            await Lease.TakeAsync(cancellationToken);
        // Out of no pool: what is set and locked here ends with it, and no isolation level of a query is left on it.
        await using var connection = await database.OpenOwnAsync(cancellationToken);
        await using (var turn = SqlServerAdminSql.LockOpening.CreateCommand(connection, null, Limit))
            await turn.ExecuteNonQueryAsync(cancellationToken);
        await SqlServerDatabase.RequireDurabilityAsync(connection, Limit, cancellationToken);
        var version = await migrator.MigrateAsync(connection, cancellationToken);
        await SqlServerDatabase.AllowSnapshotsAsync(connection, Limit, cancellationToken);
        await FitColumnstoreAsync(connection, cancellationToken);
        if (Lease is not null)
            await Lease.NameHolderAsync(connection, cancellationToken);
        return version;
    }

    private async Task FitColumnstoreAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = SqlServerAdminSql.HasColumnstore.CreateCommand(connection, null, Limit);
        if (await ask.ExecuteScalarAsync(cancellationToken) is > 0 == settings.HasColumnstore)
            return;
        var change = settings.HasColumnstore ? SqlServerAdminSql.CreateColumnstore : SqlServerAdminSql.DropColumnstore;
        await using var command = change.CreateCommand(connection, null, IndexLimit);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
