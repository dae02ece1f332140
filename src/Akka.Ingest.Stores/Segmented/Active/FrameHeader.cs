namespace Akka.Ingest.Stores.Segmented.Active;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Events of one frame that came on one day with one key.</summary>
/// <param name="Day">UTC day of receipt.</param>
internal sealed record FrameTally(DateOnly Day, string ApiKeyId, int Events, long LowestTimestamp, long HighestTimestamp);

/// <summary>What is known of a frame without its events: enough to prune it, to count it, and to name what is lost with it.</summary>
internal sealed class FrameHeader
{
    /// <summary>File offset at which the frames that were flushed together with this one begin.</summary>
    public required long GroupStart { get; init; }

    /// <summary>True for the mark of an orderly end: everything before it was flushed. It has no events and no position.</summary>
    public bool IsEndMark => Partition < 0;

    public Guid SpoolId { get; init; }
    public int Partition { get; init; } = -1;
    public StoredPosition Expected { get; init; }
    public StoredPosition Next { get; init; }

    /// <summary>Arrival number of the first event; the others follow.</summary>
    public long FirstArrival { get; init; }
    public int Events { get; init; }
    public long LowestTimestamp { get; init; } = long.MaxValue;
    public long HighestTimestamp { get; init; } = long.MinValue;

    /// <summary>Ticks of the earliest receipt.</summary>
    public long LowestReceived { get; init; } = long.MaxValue;

    /// <summary>Events by severity, six numbers.</summary>
    public IReadOnlyList<int> Levels { get; init; } = new int[6];

    /// <summary>Ordinals of the events, ascending.</summary>
    public IReadOnlyList<EventIdRange> Ids { get; init; } = [];
    public IReadOnlyList<FrameTally> Tallies { get; init; } = [];
}
