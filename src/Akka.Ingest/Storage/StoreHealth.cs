namespace Akka.Ingest.Storage;

/// <summary>How a store is doing.</summary>
public sealed record StoreHealth
{
    /// <summary>Version of the tables or files, as in <c>SchemaVersions</c>.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>What the store takes on disk, everything included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Events held; an estimate where the engine has nothing better without reading everything.</summary>
    public required long Events { get; init; }

    /// <summary>Tables, files or segments.</summary>
    public required IReadOnlyList<StorePart> Parts { get; init; }

    /// <summary>
    /// 0 to 100. SQLite: share of free pages in the file. Segmented: share of segments below the size that compaction aims at. File:
    /// share of bytes that hold no event. PostgreSQL: dead rows. SQL Server: average index fragmentation.
    /// </summary>
    public double FragmentationPercent { get; init; }

    /// <summary>0 to 100: share of index bytes above what the indexed rows need; an estimate.</summary>
    public double IndexBloatPercent { get; init; }

    /// <summary>0 to 100: share of table bytes above what the rows need; an estimate.</summary>
    public double TableBloatPercent { get; init; }

    /// <summary>Stored events that are lost or altered, as far as they were found. Never served.</summary>
    public IReadOnlyList<StoreDamage> Damage { get; init; } = [];
}

/// <param name="Name">Name in the store, for example of a table or a file relative to the store's folder.</param>
/// <param name="Kind">table, index, day, segment, active …</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Events">Events in it; null where it holds none of its own or the engine does not tell.</param>
public sealed record StorePart(string Name, string Kind, long Bytes, long? Events = null);

/// <summary>A place of the store that does not hold what was written there.</summary>
/// <param name="Where">File and byte range, or row.</param>
/// <param name="Reason">What does not hold, for people.</param>
/// <param name="Events">Exactly the events that are lost with it.</param>
public sealed record StoreDamage(string Where, string Reason, IReadOnlyList<EventIdRange> Events);

/// <summary>Events of one partition whose ordinals follow each other.</summary>
public readonly record struct EventIdRange(Guid SpoolId, int Partition, long FirstOrdinal, long Count);
