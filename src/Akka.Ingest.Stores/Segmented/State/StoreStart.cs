namespace Akka.Ingest.Stores.Segmented.State;

using System.Collections.Immutable;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Sealing;

/// <summary>A store as found on the disk.</summary>
/// <param name="NextActive">Number of the next active file.</param>
internal sealed record OpenedStore(StoreState State, ExpandedFrames Expanded, DamageReport Damage, long NextActive);

/// <summary>
/// Opens the folder: reads the manifest, removes what a crash left half done, replays the active files. Safe to repeat after any failure.
/// </summary>
internal sealed class StoreStart(SegmentedStoreSettings settings, IStoreFileSystem files, SegmentFiles segmentFiles)
{
    private string ManifestPath => Path.Combine(settings.Folder, ManifestFile.Name);

    /// <exception cref="StoreException">Written by a newer version, or not readable.</exception>
    public OpenedStore Open()
    {
        files.CreateDirectory(settings.Folder);
        var manifest = ReadManifest();

        // A power cut could still undo the manifest's last rename; the files that only the manifest before it lists must not go earlier.
        files.FlushDirectory(settings.Folder);
        RemoveLeftovers(manifest);
        var damage = new DamageReport(manifest.Damage);
        var state = new StoreState(manifest);
        state.Replace(manifest, OpenSegments(manifest, damage));
        var expanded = new ExpandedFrames(settings.ExpandedBytes);
        var next = manifest.FirstActive;
        foreach (var (path, number) in ActiveFiles().Where(file => file.Number >= manifest.FirstActive))
        {
            Replay(new ActiveFile(files, path, number), state, expanded, damage);
            next = number + 1;
        }

        return new OpenedStore(state, expanded, damage, next);
    }

    private Manifest ReadManifest()
    {
        var bytes = TwinFile.Read(files, ManifestPath, out var isWhole);
        if (bytes is null)
        {
            if (files.FileExists(ManifestPath))
                throw StoreFailures.Unreadable(ManifestPath);
            if (segmentFiles.HasAny())
                throw StoreFailures.MissingManifest(ManifestPath);
            ManifestFile.Write(files, settings.Folder, Manifest.Empty);
            return Manifest.Empty;
        }

        if (ManifestFormat.ReadVersion(bytes) is var version && version > Manifest.CurrentVersion)
            throw StoreFailures.NewerVersion(settings.Folder, version, Manifest.CurrentVersion);
        if (!isWhole)
            TwinFile.Write(files, ManifestPath, bytes);
        return ManifestFormat.Read(bytes);
    }

    private IEnumerable<(string Path, long Number)> ActiveFiles() =>
        from path in files.ListFiles(settings.Folder)
        let number = ActiveFile.NumberOf(path)
        where number is not null
        orderby number
        select (path, number.Value);

    private void RemoveLeftovers(Manifest manifest)
    {
        foreach (var path in files.ListFiles(settings.Folder).Where(path => path.EndsWith(TemporaryFiles.Extension, StringComparison.Ordinal)))
            files.Delete(path);
        foreach (var (path, _) in ActiveFiles().Where(file => file.Number < manifest.FirstActive))
            files.Delete(path);
        segmentFiles.RemoveAllBut([.. manifest.Segments.Select(segment => segment.Number)]);
    }

    private ImmutableArray<Segment> OpenSegments(Manifest manifest, DamageReport damage)
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        foreach (var entry in manifest.Segments)
            segments.Add(segmentFiles.Open(entry, damage));
        return segments.ToImmutable();
    }

    private static void Replay(ActiveFile active, StoreState state, ExpandedFrames expanded, DamageReport damage)
    {
        var replayed = ActiveReplay.Read(active.File);
        var length = active.File.Length;
        if (replayed.Length < length)
            active.File.SetLength(replayed.Length);

        // A process that was killed between write and flush leaves frames that are only in memory, and from here on they count as stored.
        if (length > 0)
            active.File.Flush();
        state.Add(active);
        foreach (var (place, header, isDamaged) in replayed.Frames)
        {
            // Frames follow each other without a gap; where one does not, those between are lost with their headers.
            var known = state.Position(header.SpoolId, header.Partition) ?? StoredPosition.Start;
            if (header.Expected.Ordinal > known.Ordinal)
            {
                damage.Add(new StoreDamage(
                    Path.GetFileName(active.Path),
                    "A frame before this place is gone.",
                    [new EventIdRange(header.SpoolId, header.Partition, known.Ordinal, header.Expected.Ordinal - known.Ordinal)]));
            }
            else if (header.Expected.Ordinal < known.Ordinal)
            {
                continue;
            }

            var block = FrameBlock.Of(active, place, header, expanded);
            if (isDamaged)
                damage.Add(block, "The checksum of the frame does not hold.");
            state.Add([block]);
        }

        state.Complete();
    }
}

/// <summary>The manifest on the disk.</summary>
internal static class ManifestFile
{
    public const string Name = "_manifest";

    public static void Write(IStoreFileSystem files, string folder, Manifest manifest) =>
        TwinFile.Write(files, Path.Combine(folder, Name), ManifestFormat.Write(manifest));
}
