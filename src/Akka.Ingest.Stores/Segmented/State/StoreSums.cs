namespace Akka.Ingest.Stores.Segmented.State;

using Akka.Ingest.Storage;

/// <summary>What a view holds, summed up from statistics.</summary>
internal static class StoreSums
{
    public static IReadOnlyList<StoredDay> Days(StoreView view)
    {
        var days = new SortedDictionary<DateOnly, StoredDay>();
        foreach (var segment in view.Segments)
        {
            foreach (var block in segment.Blocks.Where(block => !block.IsDamaged))
                Add(days, new StoredDay(segment.Entry.Day, block.Count, 0, block.LowestTimestamp, block.HighestTimestamp));
            if (days.TryGetValue(segment.Entry.Day, out var day))
                days[segment.Entry.Day] = day with { Bytes = day.Bytes + segment.Entry.Bytes };
        }

        foreach (var frame in view.Actives.SelectMany(active => active.Blocks).Where(frame => !frame.IsDamaged))
        {
            foreach (var tally in frame.Header.Tallies)
                Add(days, new StoredDay(tally.Day, tally.Events, frame.Place.StoredBytes * tally.Events / frame.Count, tally.LowestTimestamp, tally.HighestTimestamp));
        }

        return [.. days.Values];
    }

    public static IReadOnlyList<StoredCounts> Counts(StoreView view, Manifest manifest)
    {
        var counts = new Dictionary<(Guid SpoolId, string ApiKeyId), StoredCounts>();
        void Add(Guid spoolId, string apiKeyId, long stored, long expired)
        {
            var known = counts.GetValueOrDefault((spoolId, apiKeyId)) ?? new StoredCounts(spoolId, apiKeyId, 0, 0);
            counts[(spoolId, apiKeyId)] = known with { Stored = known.Stored + stored, Expired = known.Expired + expired };
        }

        foreach (var tally in view.Segments.SelectMany(segment => segment.Entry.Tallies))
            Add(tally.SpoolId, tally.ApiKeyId, tally.Events, 0);
        foreach (var frame in view.Actives.SelectMany(active => active.Blocks).Where(frame => !frame.IsDamaged))
        {
            foreach (var tally in frame.Header.Tallies)
                Add(frame.Header.SpoolId, tally.ApiKeyId, tally.Events, 0);
        }

        foreach (var ((spoolId, apiKeyId), expired) in manifest.Expired)
            Add(spoolId, apiKeyId, 0, expired);
        return [.. counts.Values];
    }

    public static StoreHealth Health(StoreView view, IReadOnlyList<StoreDamage> damage, int targetRows)
    {
        var parts = new List<StorePart>();
        foreach (var segment in view.Segments)
        {
            var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dt={segment.Entry.Day:yyyy-MM-dd}/segment-{segment.Entry.Number:D10}.parquet");
            parts.Add(new StorePart(name, "segment", segment.Entry.Bytes, segment.Blocks.Where(block => !block.IsDamaged).Sum(block => (long)block.Count)));
        }

        foreach (var active in view.Actives)
        {
            var bytes = active.Count == 0 ? 0 : active.Frames[active.Count - 1].Place.End;
            parts.Add(new StorePart(Path.GetFileName(active.File.Path), "active", bytes, active.Blocks.Where(frame => !frame.IsDamaged).Sum(frame => (long)frame.Count)));
        }

        var small = view.Segments.Count(segment => segment.Entry.Rows < targetRows / 2);
        return new StoreHealth
        {
            SchemaVersion = Manifest.CurrentVersion,
            Bytes = parts.Sum(part => part.Bytes),
            Events = parts.Sum(part => part.Events ?? 0),
            Parts = parts,
            FragmentationPercent = view.Segments.Length == 0 ? 0 : 100.0 * small / view.Segments.Length,
            Damage = damage,
        };
    }

    private static void Add(SortedDictionary<DateOnly, StoredDay> days, StoredDay part) =>
        days[part.Day] = days.TryGetValue(part.Day, out var day)
            ? new StoredDay(
                part.Day, day.Events + part.Events, day.Bytes + part.Bytes, Math.Min(day.LowestTimestamp, part.LowestTimestamp), Math.Max(day.HighestTimestamp, part.HighestTimestamp))
            : part;
}
