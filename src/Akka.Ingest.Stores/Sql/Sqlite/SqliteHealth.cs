namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Storage;

/// <summary>Reads how the database is doing, from its header and its small tables only.</summary>
internal static class SqliteHealth
{
    private static readonly (string Suffix, string Kind)[] Files = [("", "database"), ("-wal", "log"), ("-shm", "log index")];

    public static StoreHealth Read(SqliteSession session, SqliteStoreSettings settings, SqliteDamage damage)
    {
        var events = SqliteDayCounts.ReadEvents(session);
        var pages = SqlitePages.Read(session);
        var parts = Files
            .Select(file => (Info: new FileInfo(settings.DatabaseFile + file.Suffix), file.Kind))
            .Where(file => file.Info.Exists)
            .Select(file => new StorePart(file.Info.Name, file.Kind, file.Info.Length, file.Kind == "database" ? events : null))
            .ToArray();
        return new StoreHealth
        {
            SchemaVersion = (int)session.ReadInt64("SELECT max(version) FROM SchemaVersions"),
            Bytes = parts.Sum(part => part.Bytes),
            Events = events,
            Parts = parts,
            FragmentationPercent = pages.FileBytes == 0 ? 0 : 100.0 * pages.FreeBytes / pages.FileBytes,
            Damage = damage.Read(session),
        };
    }
}
