namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;

/// <summary>What the store tells of itself, all of it from memory but for the sizes of files that the store does not keep.</summary>
internal sealed class FileStoreReport(OpenFolder folder, LineDamage damage)
{
    public long IndexBytes
    {
        get
        {
            using var lease = folder.State.Lease();
            return lease.View.Days.Sum(day => day.IndexBytes);
        }
    }

    public IReadOnlyList<StoredDay> Days
    {
        get
        {
            using var lease = folder.State.Lease();
            return [.. lease.View.Days.Select(day => new StoredDay(
                day.File.Day,
                day.Lines,
                day.End - day.Start + day.IndexBytes,
                day.Blocks.Min(block => block.LowestTimestamp),
                day.Blocks.Max(block => block.HighestTimestamp)))];
        }
    }

    public StoreHealth Health()
    {
        using var lease = folder.State.Lease();
        var parts = new List<StorePart>();
        long lines = 0;
        long expired = 0;
        foreach (var day in lease.View.Days)
        {
            parts.Add(new StorePart(day.File.Name, "day", day.End, day.Lines));
            parts.Add(new StorePart(FileStorePaths.IndexName(day.File.Day), "index", day.IndexBytes));
            lines += day.End;
            expired += day.Start;
        }

        parts.Add(new StorePart(Path.GetFileName(folder.Log.Path), "positions", folder.Log.Length));
        return new StoreHealth
        {
            SchemaVersion = LineFormat.Version,
            Bytes = parts.Sum(part => part.Bytes),
            Events = parts.Sum(part => part.Events ?? 0),
            Parts = parts,
            FragmentationPercent = lines == 0 ? 0 : 100.0 * expired / lines,
            Damage = damage.All,
        };
    }
}
