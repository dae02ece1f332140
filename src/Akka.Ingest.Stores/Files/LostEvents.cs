namespace Akka.Ingest.Stores.Files;

using System.Text;
using Akka.Ingest.Model;

/// <summary>An event beside a damaged stretch, or in it.</summary>
internal sealed record Neighbour(SpoolPartition Partition, string ApiKeyId, long Ordinal, long Arrival);

/// <summary>Names the events of a damaged stretch that no index describes.</summary>
internal static class LostEvents
{
    private const int MaxCandidates = 100_000;

    /// <summary>
    /// Arrival numbers tell how many are lost, the neighbours between which ordinals they lie. Where there are more ordinals than lost events
    /// (dead letters have none), or the neighbours are of other partitions, the remains of the ids decide.
    /// </summary>
    public static IReadOnlyList<Neighbour> Between(Neighbour? before, Neighbour after, IReadOnlyList<byte[]> damaged)
    {
        var missing = before is null ? damaged.Count : (int)Math.Clamp(after.Arrival - before.Arrival - 1, 0, MaxCandidates);
        var isSamePartition = before is not null && before.Partition == after.Partition && after.Ordinal > before.Ordinal;
        var candidates = isSamePartition ? Gap(before!, after) : Edges(before, after, missing);
        var chosen = isSamePartition && candidates.Count <= missing ? candidates : Closest(candidates, before ?? after, damaged, missing);
        var arrival = after.Arrival - chosen.Count;
        return [.. chosen.OrderBy(item => item.Partition == after.Partition).ThenBy(item => item.Ordinal).Select(item => item with { Arrival = arrival++ })];
    }

    private static List<Neighbour> Gap(Neighbour before, Neighbour after)
    {
        var candidates = new List<Neighbour>();
        for (var ordinal = before.Ordinal + 1; ordinal < after.Ordinal && candidates.Count < MaxCandidates; ordinal++)
            candidates.Add(before with { Ordinal = ordinal });
        return candidates;
    }

    private static List<Neighbour> Edges(Neighbour? before, Neighbour after, int missing)
    {
        var candidates = new List<Neighbour>();
        for (var i = 1; i <= missing; i++)
        {
            if (before is not null)
                candidates.Add(before with { Ordinal = before.Ordinal + i });
            if (after.Ordinal >= i)
                candidates.Add(after with { Ordinal = after.Ordinal - i });
        }

        return candidates;
    }

    // First what differs by a character at most, then what an id says of itself, then what is left.
    private static List<Neighbour> Closest(List<Neighbour> candidates, Neighbour known, IReadOnlyList<byte[]> damaged, int missing)
    {
        var ranked = candidates.Select(item => (Item: item, Rank: damaged.Min(bytes => Distance(item, bytes)) is var distance && distance <= 1 ? distance : 2 + distance)).ToList();
        foreach (var line in damaged.Where(line => line.Length >= LineFormat.TimestampOffset))
        {
            var text = Encoding.Latin1.GetString(line, LineFormat.IdOffset, EventId.TextLength);
            if (EventId.TryParse(text, out var id) && id.SpoolId == known.Partition.SpoolId)
                ranked.Add((known with { Partition = new SpoolPartition(id.SpoolId, id.Partition), Ordinal = id.Ordinal }, 2));
        }

        return [.. ranked.OrderBy(pair => pair.Rank).Select(pair => pair.Item).DistinctBy(item => (item.Partition, item.Ordinal)).Take(missing)];
    }

    private static int Distance(Neighbour candidate, ReadOnlySpan<byte> line)
    {
        Span<byte> id = stackalloc byte[EventId.TextLength];
        new EventId(candidate.Partition.SpoolId, candidate.Partition.Partition, candidate.Ordinal).WriteTo(id);
        var distance = 0;
        for (var i = 0; i < id.Length; i++)
        {
            if (LineFormat.IdOffset + i >= line.Length || line[LineFormat.IdOffset + i] != id[i])
                distance++;
        }

        return distance;
    }
}
