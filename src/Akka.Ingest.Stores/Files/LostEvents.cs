namespace Akka.Ingest.Stores.Files;

using System.Numerics;
using System.Text;
using Akka.Ingest.Model;

/// <summary>An event beside a damaged stretch, or in it.</summary>
internal sealed record Neighbour(SpoolPartition Partition, string ApiKeyId, long Ordinal, long Arrival);

/// <summary>Names the events of a damaged stretch that no index describes.</summary>
internal static class LostEvents
{
    private const int MaxCandidates = 100_000;

    /// <summary>Between events of two partitions so many ordinals more are looked at.</summary>
    private const int MaxDeadLetters = 16;

    /// <summary>Characters of an id that hold nothing but its version and the spool.</summary>
    private const int SpoolLength = 27;

    /// <summary>
    /// Arrival numbers tell how many are lost, the neighbours between which ordinals they lie. Where there are more ordinals than lost events
    /// (dead letters have none), or the neighbours are of other partitions, the remains of the ids decide.
    /// </summary>
    public static IReadOnlyList<Neighbour> Between(Neighbour? before, Neighbour after, IReadOnlyList<byte[]> damaged)
    {
        var missing = before is null ? Math.Max(1, damaged.Count(LooksLikeStart)) : (int)Math.Clamp(after.Arrival - before.Arrival - 1, 0, MaxCandidates);
        var isSamePartition = before is not null && before.Partition == after.Partition && after.Ordinal > before.Ordinal;
        var candidates = isSamePartition ? Gap(before!, after) : Edges(before, after, missing);
        var chosen = isSamePartition && candidates.Count <= missing ? candidates : Closest(candidates, isSamePartition, before ?? after, damaged, missing);
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
        for (var i = 1; i <= missing + MaxDeadLetters; i++)
        {
            if (before is not null)
                candidates.Add(before with { Ordinal = before.Ordinal + i });
            if (after.Ordinal >= i)
                candidates.Add(after with { Ordinal = after.Ordinal - i });
        }

        return candidates;
    }

    // What an id says of itself comes before what is only near it, unless that is nearer than a bit.
    private static List<Neighbour> Closest(List<Neighbour> candidates, bool isGap, Neighbour known, IReadOnlyList<byte[]> damaged, int missing)
    {
        var ranked = candidates.Select(item => (Item: item, Rank: 2 * damaged.Min(bytes => Distance(item, bytes)))).ToList();
        foreach (var line in damaged)
        {
            if (Read(line, known) is { } said && !(isGap && said.Partition == known.Partition))
                ranked.Add((said, isGap ? 3 : 1));
        }

        return [.. ranked.OrderBy(pair => pair.Rank).Select(pair => pair.Item).DistinctBy(item => (item.Partition, item.Ordinal)).Take(missing)];
    }

    // The spool is that of the neighbours; what remains of it need not be whole.
    private static Neighbour? Read(byte[] line, Neighbour known)
    {
        if (line.Length < LineFormat.TimestampOffset)
            return null;
        var spool = new EventId(known.Partition.SpoolId, 0, 0).ToString()[..SpoolLength];
        return EventId.TryParse(spool + Encoding.Latin1.GetString(line, LineFormat.IdOffset + SpoolLength, EventId.TextLength - SpoolLength), out var id)
            ? known with { Partition = new SpoolPartition(id.SpoolId, id.Partition), Ordinal = id.Ordinal }
            : null;
    }

    // In bits: damage is mostly small.
    private static int Distance(Neighbour candidate, ReadOnlySpan<byte> line)
    {
        Span<byte> id = stackalloc byte[EventId.TextLength];
        new EventId(candidate.Partition.SpoolId, candidate.Partition.Partition, candidate.Ordinal).WriteTo(id);
        var distance = 0;
        for (var i = 0; i < id.Length; i++)
            distance += LineFormat.IdOffset + i < line.Length ? BitOperations.PopCount((uint)(line[LineFormat.IdOffset + i] ^ id[i])) : 8;
        return distance;
    }

    private static bool LooksLikeStart(byte[] line)
    {
        var different = 0;
        for (var i = 0; i < LineFormat.Start.Length; i++)
            different += i < line.Length && line[i] == LineFormat.Start[i] ? 0 : 1;
        return different <= 1;
    }
}
