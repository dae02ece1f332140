namespace Akka.Ingest.Delivery;

using Microsoft.Extensions.Logging;

/// <summary>
/// The dead letters as files of one directory. A file is durable before the offset passes its events, and what is in a file
/// is never offered to the store again.
/// </summary>
/// <remarks>
/// Thread-safe. In memory there are a few words a file, never the letters: a range that cuts through a file is counted
/// by reading it.
/// </remarks>
internal sealed partial class DeadLetterSink(string directory, ILogger logger) : IDeadLetterIndex
{
    private readonly string _directory = Path.GetFullPath(directory);
    private readonly Lock _lock = new();
    private Dictionary<(Guid SpoolId, int Partition), DeadLetterRanges>? _partitions;

    /// <summary>Ordinals from <paramref name="fromOrdinal"/> on that have a dead letter: what a restarted delivery skips.</summary>
    /// <exception cref="IOException">The files cannot be read; trying again is safe.</exception>
    public HashSet<long> OrdinalsFrom(Guid spoolId, int partition, long fromOrdinal)
    {
        var ordinals = new HashSet<long>();
        foreach (var range in Overlapping(spoolId, partition, fromOrdinal, long.MaxValue))
            ordinals.UnionWith(Read(NameOf(spoolId, partition, range)).Where(ordinal => ordinal >= fromOrdinal));
        return ordinals;
    }

    /// <summary>Writes the letters, all of one partition and in order, as one file. Durable on return.</summary>
    /// <exception cref="IOException">Disk full and the like; trying again is safe.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory or file may not be written.</exception>
    public void Write(Guid spoolId, int partition, IReadOnlyList<DeadLetter> letters)
    {
        var name = new DeadLetterFileName(spoolId, partition, letters[0].Offset);
        DeadLetterFile.Write(PathOf(name), letters);
        if (Describe(name) is not { } range)
            throw new IOException($"The dead-letter file '{name}' is not there after it was written.");
        lock (_lock)
            RangesOf(spoolId, partition).Set(range);
    }

    public long Count(Guid spoolId, int partition, long fromOrdinal, long toOrdinal)
    {
        var count = 0L;
        foreach (var range in Overlapping(spoolId, partition, fromOrdinal, toOrdinal))
        {
            count += range.FirstOrdinal >= fromOrdinal && range.LastOrdinal < toOrdinal
                ? range.Count
                : Read(NameOf(spoolId, partition, range)).LongCount(ordinal => ordinal >= fromOrdinal && ordinal < toOrdinal);
        }

        return count;
    }

    private List<DeadLetterRange> Overlapping(Guid spoolId, int partition, long from, long to)
    {
        lock (_lock)
            return RangesOf(spoolId, partition).Overlapping(from, to);
    }

    /// <summary>Under the lock. The first call reads the directory.</summary>
    private DeadLetterRanges RangesOf(Guid spoolId, int partition)
    {
        var partitions = _partitions ??= Load();
        if (!partitions.TryGetValue((spoolId, partition), out var ranges))
            partitions.Add((spoolId, partition), ranges = new DeadLetterRanges());
        return ranges;
    }

    private Dictionary<(Guid SpoolId, int Partition), DeadLetterRanges> Load()
    {
        var partitions = new Dictionary<(Guid, int), DeadLetterRanges>();
        if (!Directory.Exists(_directory))
            return partitions;
        foreach (var path in Directory.EnumerateFiles(_directory))
        {
            if (path.EndsWith(DeadLetterFileName.TemporaryExtension, StringComparison.Ordinal))
            {
                // A crash came before the rename: the offset has not passed these events, so they are written again.
                File.Delete(path);
            }
            else if (DeadLetterFileName.TryParse(Path.GetFileName(path), out var name) && Describe(name) is { } range)
            {
                if (!partitions.TryGetValue((name.SpoolId, name.Partition), out var ranges))
                    partitions.Add((name.SpoolId, name.Partition), ranges = new DeadLetterRanges());
                ranges.Set(range);
            }
        }

        return partitions;
    }

    private DeadLetterRange? Describe(DeadLetterFileName name) =>
        Read(name) is { Count: > 0 } ordinals ? new DeadLetterRange(name.First, ordinals.Min(), ordinals.Max(), ordinals.Count) : null;

    private List<long> Read(DeadLetterFileName name)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(PathOf(name));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed by retention or by hand. Its events are behind the offset, or they will be settled anew.
            return [];
        }

        var ordinals = DeadLetterFile.ReadOrdinals(content, out var damagedLines);
        if (damagedLines > 0)
            DeliveryLog.DeadLetterFileDamaged(logger, name.ToString(), damagedLines);
        return ordinals;
    }

    private static DeadLetterFileName NameOf(Guid spoolId, int partition, DeadLetterRange range) => new(spoolId, partition, range.First);

    private string PathOf(DeadLetterFileName name) => Path.Combine(_directory, name.ToString());
}
