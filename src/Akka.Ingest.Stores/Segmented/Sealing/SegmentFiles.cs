namespace Akka.Ingest.Stores.Segmented.Sealing;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>The segments of a folder.</summary>
internal sealed class SegmentFiles(SegmentedStoreSettings settings, IStoreFileSystem files)
{
    public const string QuarantineName = "_quarantine";

    public SegmentFile FileOf(DateOnly day, long number) => new(files, settings.Folder, day, number);

    /// <summary>Opens a segment that the manifest lists; mends its footer and its index where a copy is left.</summary>
    public Segment Open(SegmentEntry entry, DamageReport damage)
    {
        var file = FileOf(entry.Day, entry.Number);
        var bytes = TwinFile.Read(files, file.IndexPath, out var isWhole);
        if (bytes is null || !files.FileExists(file.ParquetPath))
        {
            damage.Add(new StoreDamage(file.Name, "The segment or its index is missing or cannot be read.", []));
            return new Segment(entry, file, []);
        }

        if (!isWhole)
            TwinFile.Write(files, file.IndexPath, bytes);
        var index = SegmentIndexFormat.Read(bytes);
        Mend(file.ParquetPath, index);
        return Open(entry, file, index);
    }

    public static Segment Open(SegmentEntry entry, SegmentFile file, SegmentIndex index) =>
        new(entry, file, [.. index.RowGroups.Select(StoredBlock (group, number) => RowGroupBlock.Of(file, number, group))]);

    /// <summary>True where there is any segment, part of the store or not.</summary>
    public bool HasAny() => files.ListDirectories(settings.Folder).Where(IsDay).Any(folder => files.ListFiles(folder).Any(path => SegmentFile.NumberOf(path) is not null));

    /// <summary>Removes the files of segments that are not part of the store, and folders without any.</summary>
    public void RemoveAllBut(HashSet<long> numbers)
    {
        foreach (var folder in files.ListDirectories(settings.Folder).Where(IsDay))
        {
            foreach (var path in files.ListFiles(folder))
            {
                if (path.EndsWith(TemporaryFiles.Extension, StringComparison.Ordinal) || (SegmentFile.NumberOf(path) is { } number && !numbers.Contains(number)))
                    files.Delete(path);
            }

            RemoveEmpty(folder);
        }
    }

    /// <summary>Removes the files of a segment that left the store.</summary>
    public void Remove(SegmentEntry entry)
    {
        var file = FileOf(entry.Day, entry.Number);
        foreach (var path in new[] { file.ParquetPath, file.IndexPath }.Where(files.FileExists))
            files.Delete(path);
        RemoveEmpty(file.DayFolder);
    }

    /// <summary>Puts a file aside for whoever looks into the damage.</summary>
    public void SetAside(string path)
    {
        var folder = Path.Combine(settings.Folder, QuarantineName);
        files.CreateDirectory(folder);
        files.Move(path, Path.Combine(folder, Path.GetFileName(path)));
        files.FlushDirectory(folder);
    }

    private static bool IsDay(string folder) => Path.GetFileName(folder).StartsWith(SegmentFile.DayPrefix, StringComparison.Ordinal);

    private void RemoveEmpty(string folder)
    {
        if (files.ListFiles(folder).Count == 0 && files.ListDirectories(Path.GetDirectoryName(folder)!).Contains(folder))
            files.DeleteDirectory(folder);
    }

    // The first four bytes and everything behind the row groups are known; what does not match is written again.
    private void Mend(string path, SegmentIndex index)
    {
        using var file = files.OpenToRead(path);
        var head = new byte[4];
        var footer = new byte[index.Footer.Length];
        _ = file.Read(0, head);
        _ = file.Read(index.FooterPart.Offset, footer);
        if (file.Length == index.FileLength && head.AsSpan().SequenceEqual("PAR1"u8) && footer.AsSpan().SequenceEqual(index.Footer))
            return;
        using var mended = files.OpenOrCreate(path);
        mended.SetLength(index.FileLength);
        mended.Write(0, "PAR1"u8);
        mended.Write(index.FooterPart.Offset, index.Footer);
        mended.Flush();
    }
}
