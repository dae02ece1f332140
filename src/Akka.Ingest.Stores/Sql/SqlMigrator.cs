namespace Akka.Ingest.Stores.Sql;

using System.Data.Common;
using System.Globalization;
using Akka.Ingest.Storage;

/// <summary>How a database keeps its schema version; the rest is the same for all.</summary>
/// <param name="Prefix">Of failure codes, for example <c>postgresql</c>.</param>
/// <param name="FindVersions">A number above 0 where the table <c>SchemaVersions</c> is there.</param>
/// <param name="Lock">Waits until no other process migrates; held until the transaction ends.</param>
/// <param name="CreateVersions">Makes the table unless it is there.</param>
/// <param name="AddVersion">Adds a row; parameters <c>@version</c>, <c>@description</c>, <c>@applied</c> (UTC).</param>
internal sealed record SqlVersionTable(string Prefix, string FindVersions, string Lock, string CreateVersions, string AddVersion);

/// <summary>Brings a schema forward, all steps in one transaction that no other process can enter.</summary>
internal sealed class SqlMigrator(SqlVersionTable table, IReadOnlyList<SqlMigration> migrations, TimeProvider clock)
{
    internal const string ReadVersion = "SELECT coalesce(max(version), 0) FROM SchemaVersions";

    /// <summary>Applies the steps that are missing and returns the version reached.</summary>
    /// <exception cref="StoreException">The database was written by a newer version; nothing was changed.</exception>
    public async Task<int> MigrateAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        // Without a lock first: a store that needs no step opens while others write.
        var known = migrations.Count == 0 ? 0 : migrations[^1].Version;
        if (await NumberAsync(connection, null, table.FindVersions, cancellationToken) > 0
            && await NumberAsync(connection, null, ReadVersion, cancellationToken) == known)
            return known;

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, transaction, table.Lock, cancellationToken);
        await ExecuteAsync(connection, transaction, table.CreateVersions, cancellationToken);
        var found = (int)await NumberAsync(connection, transaction, ReadVersion, cancellationToken);
        if (found > known)
            throw Newer(found, known);
        foreach (var migration in migrations.Where(step => step.Version > found))
        {
            await ExecuteAsync(connection, transaction, migration.Sql, cancellationToken);
            await RecordAsync(connection, transaction, migration, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return known;
    }

    private async Task RecordAsync(DbConnection connection, DbTransaction transaction, SqlMigration migration, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, table.AddVersion);
        Add(command, "version", migration.Version);
        Add(command, "description", migration.Description);
        Add(command, "applied", clock.GetUtcNow().UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private static async Task ExecuteAsync(DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long> NumberAsync(DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Only constants of this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private StoreException Newer(int found, int known) => new(new StoreFailure(
        StoreFailureKind.Permanent,
        table.Prefix + ":schema-newer",
        string.Create(CultureInfo.InvariantCulture, $"The store has schema version {found}; this program knows versions up to {known}. Start the newer program, or restore a backup made before the upgrade."),
        typeof(StoreException).FullName!));
}
