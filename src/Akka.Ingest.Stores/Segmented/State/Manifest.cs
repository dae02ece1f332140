namespace Akka.Ingest.Stores.Segmented.State;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;


/// <summary>
/// What the store consists of, apart from the active files: replaced as a whole by every change, which makes the change atomic. Immutable.
/// </summary>
internal sealed record Manifest
{
    public const int CurrentVersion = 1;
    public static readonly Manifest Empty = new();

    /// <summary>Active files with lower numbers are sealed and no part of the store any more.</summary>
    public long FirstActive { get; init; } = 1;
    public long NextSegment { get; init; } = 1;

    /// <summary>As of the end of what is sealed; the active files go on from there.</summary>
    public long NextArrival { get; init; } = 1;
    public IReadOnlyDictionary<(Guid SpoolId, int Partition), StoredPosition> Positions { get; init; } = new Dictionary<(Guid SpoolId, int Partition), StoredPosition>();

    /// <summary>In order of arrival.</summary>
    public IReadOnlyList<SegmentEntry> Segments { get; init; } = [];

    /// <summary>Events that retention removed.</summary>
    public IReadOnlyDictionary<(Guid SpoolId, string ApiKeyId), long> Expired { get; init; } = new Dictionary<(Guid SpoolId, string ApiKeyId), long>();

    /// <summary>Damage whose files were set aside.</summary>
    public IReadOnlyList<StoreDamage> Damage { get; init; } = [];
}

/// <summary>A segment as the manifest lists it; what is in it stands in its index file.</summary>
internal sealed record SegmentEntry(long Number, DateOnly Day, long Rows, long Bytes, IReadOnlyList<SegmentTally> Tallies);

/// <summary>Events of a segment that came through one spool with one key.</summary>
internal sealed record SegmentTally(Guid SpoolId, string ApiKeyId, long Events);

/// <summary>
/// Bytes of a <see cref="Manifest"/>, kept in a <see cref="TwinFile"/>: i32 version, then the members in order, lists with their i32 count
/// first, numbers little-endian.
/// </summary>
internal static class ManifestFormat
{
    public static byte[] Write(Manifest manifest)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Manifest.CurrentVersion);
        writer.Write(manifest.FirstActive);
        writer.Write(manifest.NextSegment);
        writer.Write(manifest.NextArrival);
        writer.WriteMany(manifest.Positions, pair =>
        {
            writer.Write(pair.Key.SpoolId.ToByteArray(bigEndian: true));
            writer.Write(pair.Key.Partition);
            writer.Write(pair.Value);
        });
        writer.WriteMany(manifest.Segments, segment =>
        {
            writer.Write(segment.Number);
            writer.Write(segment.Day.DayNumber);
            writer.Write(segment.Rows);
            writer.Write(segment.Bytes);
            writer.WriteMany(segment.Tallies, tally => WriteTally(writer, tally));
        });
        writer.WriteMany(manifest.Expired, pair => WriteTally(writer, new SegmentTally(pair.Key.SpoolId, pair.Key.ApiKeyId, pair.Value)));
        writer.WriteMany(manifest.Damage, damage => Write(writer, damage));
        writer.Flush();
        return buffer.ToArray();
    }

    /// <summary>Schema version of a manifest of any version.</summary>
    public static int ReadVersion(byte[] bytes) => BitConverter.ToInt32(bytes);

    public static Manifest Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        _ = reader.ReadInt32();
        return new Manifest
        {
            FirstActive = reader.ReadInt64(),
            NextSegment = reader.ReadInt64(),
            NextArrival = reader.ReadInt64(),
            Positions = reader.ReadMany(reader.ReadInt32(), item => (Key: (item.ReadGuid(), item.ReadInt32()), Value: item.ReadPosition()))
                .ToDictionary(pair => pair.Key, pair => pair.Value),
            Segments = reader.ReadMany(reader.ReadInt32(), item => new SegmentEntry(
                item.ReadInt64(), DateOnly.FromDayNumber(item.ReadInt32()), item.ReadInt64(), item.ReadInt64(), item.ReadMany(item.ReadInt32(), ReadTally))),
            Expired = reader.ReadMany(reader.ReadInt32(), ReadTally).ToDictionary(tally => (tally.SpoolId, tally.ApiKeyId), tally => tally.Events),
            Damage = reader.ReadMany(reader.ReadInt32(), ReadDamage),
        };
    }

    private static void WriteTally(BinaryWriter writer, SegmentTally tally)
    {
        writer.Write(tally.SpoolId.ToByteArray(bigEndian: true));
        writer.Write(tally.ApiKeyId);
        writer.Write(tally.Events);
    }

    private static SegmentTally ReadTally(BinaryReader reader) => new(reader.ReadGuid(), reader.ReadString(), reader.ReadInt64());

    private static void Write(BinaryWriter writer, StoreDamage damage)
    {
        writer.Write(damage.Where);
        writer.Write(damage.Reason);
        writer.WriteMany(damage.Events, writer.Write);
    }

    private static StoreDamage ReadDamage(BinaryReader reader) =>
        new(reader.ReadString(), reader.ReadString(), reader.ReadMany(reader.ReadInt32(), item => item.ReadRange()));
}
