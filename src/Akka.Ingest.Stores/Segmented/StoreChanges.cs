namespace Akka.Ingest.Stores.Segmented;

using System.Collections.Immutable;
using Akka.Ingest.Model;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.Sealing;
using Akka.Ingest.Stores.Segmented.State;
using Microsoft.Extensions.Logging;

/// <summary>
/// Changes what the store consists of. Each change is one replacement of the manifest; files that are no part of the store any more go once
/// no query uses them. For one caller at a time.
/// </summary>
internal sealed partial class StoreChanges(
    SegmentedStoreSettings settings,
    IStoreFileSystem files,
    SegmentFiles segmentFiles,
    StoreState state,
    DamageReport damage,
    ExpandedFrames expanded,
    ILogger logger)
{
    /// <summary>Segments take the place of the active files that were sealed into them.</summary>
    public void Seal(IReadOnlyList<ActiveView> actives, IReadOnlyList<Segment> sealedSegments)
    {
        var manifest = state.Manifest;
        var positions = new Dictionary<(Guid SpoolId, int Partition), StoredPosition>(manifest.Positions);
        var nextArrival = manifest.NextArrival;
        var frames = actives.SelectMany(active => active.Blocks).ToList();
        foreach (var header in frames.Select(frame => frame.Header))
        {
            positions[(header.SpoolId, header.Partition)] = header.Next;
            nextArrival = Math.Max(nextArrival, header.FirstArrival + header.Events);
        }

        Replace(
            manifest with { FirstActive = actives[^1].File.Number + 1, Positions = positions, NextArrival = nextArrival },
            state.View.Segments.AddRange(sealedSegments),
            frames,
            () => Remove(actives));
    }

    /// <summary>Other segments, or none, take the place of some that follow each other on a day.</summary>
    /// <param name="isDamaged">The old files are set aside instead of removed.</param>
    public void Substitute(IReadOnlyList<Segment> old, IReadOnlyList<Segment> merged, bool isDamaged)
    {
        var segments = state.View.Segments;
        var at = segments.IndexOf(old[0]);
        Replace(
            state.Manifest,
            segments.RemoveRange(old).InsertRange(at, merged),
            [.. old.SelectMany(segment => segment.Blocks)],
            () => Remove(old, isDamaged));
    }

    /// <summary>Segments leave the store for their age; their events are counted as expired.</summary>
    public void Expire(IReadOnlyList<Segment> old)
    {
        var expired = new Dictionary<(Guid SpoolId, string ApiKeyId), long>(state.Manifest.Expired);
        foreach (var tally in old.SelectMany(segment => segment.Entry.Tallies))
            expired[(tally.SpoolId, tally.ApiKeyId)] = expired.GetValueOrDefault((tally.SpoolId, tally.ApiKeyId)) + tally.Events;
        Replace(
            state.Manifest with { Expired = expired },
            state.View.Segments.RemoveRange(old),
            [.. old.SelectMany(segment => segment.Blocks)],
            () => Remove(old, isDamaged: false));
    }

    private void Replace(Manifest manifest, ImmutableArray<Segment> segments, IReadOnlyList<StoredBlock> gone, Action remove)
    {
        manifest = manifest with
        {
            Segments = [.. segments.Select(segment => segment.Entry)],
            NextSegment = Math.Max(manifest.NextSegment, segments.Select(segment => segment.Entry.Number + 1).DefaultIfEmpty(1).Max()),
            Damage = damage.Without(gone),
        };
        ManifestFile.Write(files, settings.Folder, manifest);
        state.Replace(manifest, segments);
        damage.Settle(gone);
        state.Leases.Retire(state.View.Removals, () => TryRemove(remove));
    }

    private void Remove(IReadOnlyList<ActiveView> actives)
    {
        foreach (var active in actives)
        {
            expanded.Forget(active.Blocks);
            active.File.Dispose();
            if (active.Blocks.Any(frame => frame.IsDamaged))
                segmentFiles.SetAside(active.File.Path);
            else
                files.Delete(active.File.Path);
        }
    }

    private void Remove(IReadOnlyList<Segment> old, bool isDamaged)
    {
        foreach (var entry in old.Select(segment => segment.Entry))
        {
            if (isDamaged)
                segmentFiles.SetAside(segmentFiles.FileOf(entry.Day, entry.Number).ParquetPath);
            segmentFiles.Remove(entry);
        }
    }

    // What cannot be removed now is no part of the store and is removed at the next start.
    private void TryRemove(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(logger, exception.Message);
        }
    }

    [LoggerMessage(3112, LogLevel.Warning, "Files that are no part of the store any more could not be removed; the next start does it: {Detail}")]
    private static partial void LogNotRemoved(ILogger logger, string detail);
}
