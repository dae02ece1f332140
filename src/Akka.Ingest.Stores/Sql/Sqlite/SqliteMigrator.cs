namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using Akka.Ingest.Storage;

/// <summary>Brings the schema forward, all steps in one transaction that no other process can enter.</summary>
internal static class SqliteMigrator
{
    private const string CreateVersions =
        "CREATE TABLE IF NOT EXISTS SchemaVersions (version INTEGER PRIMARY KEY, description TEXT NOT NULL, applied TEXT NOT NULL)";

    /// <summary>Applies the steps that are missing and returns the version reached.</summary>
    /// <exception cref="StoreException">The database was written by a newer version; nothing was changed.</exception>
    public static int Migrate(SqliteSession session, IReadOnlyList<SqliteMigration> migrations, TimeProvider clock)
    {
        // Without a lock first: a store whose write lock another process holds can be opened, and queried, all the same.
        if (migrations.Count > 0 && HasVersions(session) && ReadVersion(session) == migrations[^1].Version)
            return migrations[^1].Version;

        session.Execute("BEGIN IMMEDIATE");
        try
        {
            session.Execute(CreateVersions);
            var found = ReadVersion(session);
            var known = migrations.Count == 0 ? 0 : migrations[^1].Version;
            if (found > known)
                throw Newer(found, known);
            foreach (var migration in migrations.Where(step => step.Version > found))
            {
                session.Execute(migration.Sql);
                Record(session, migration, clock);
            }

            session.Execute("COMMIT");
            return known;
        }
        catch
        {
            if (session.InTransaction)
                session.Execute("ROLLBACK");
            throw;
        }
    }

    private static bool HasVersions(SqliteSession session) =>
        session.ReadInt64("SELECT count(*) FROM sqlite_schema WHERE name = 'SchemaVersions'") > 0;

    private static int ReadVersion(SqliteSession session) =>
        (int)session.ReadInt64("SELECT coalesce(max(version), 0) FROM SchemaVersions");

    private static void Record(SqliteSession session, SqliteMigration migration, TimeProvider clock)
    {
        using var insert = new SqliteStatement(session.Handle, "INSERT INTO SchemaVersions (version, description, applied) VALUES (?, ?, ?)");
        insert.Bind(1, migration.Version);
        insert.Bind(2, migration.Description);
        insert.Bind(3, clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        insert.Execute();
    }

    private static StoreException Newer(int found, int known) => new(new StoreFailure(
        StoreFailureKind.Permanent,
        "sqlite:schema-newer",
        string.Create(CultureInfo.InvariantCulture, $"The store has schema version {found}; this program knows versions up to {known}. Start the newer program, or restore a backup made before the upgrade."),
        typeof(StoreException).FullName!));
}
