namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;

/// <summary>Lines that follow each other, of one partition and one API key, with ordinals and arrival numbers without a gap.</summary>
internal readonly record struct EventRun(SpoolPartition Partition, string ApiKeyId, long FirstOrdinal, long FirstArrival, int Count)
{
    public long LastArrival => FirstArrival + Count - 1;

    public bool IsContinuedBy(SpoolPartition partition, string apiKeyId, long ordinal, long arrival) =>
        ordinal == FirstOrdinal + Count && arrival == FirstArrival + Count && partition == Partition && apiKeyId == ApiKeyId;

    public bool Contains(EventId id) =>
        id.SpoolId == Partition.SpoolId && id.Partition == Partition.Partition && id.Ordinal >= FirstOrdinal && id.Ordinal < FirstOrdinal + Count;

    /// <summary>The part that arrived after <paramref name="arrival"/>; null where nothing is left.</summary>
    public EventRun? After(long arrival)
    {
        if (arrival < FirstArrival)
            return this;
        var gone = arrival - FirstArrival + 1;
        return gone >= Count ? null : this with { FirstOrdinal = FirstOrdinal + gone, FirstArrival = arrival + 1, Count = Count - (int)gone };
    }
}
