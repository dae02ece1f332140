namespace Akka.Ingest.Stores.Segmented.Sealing;

using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>A sealed segment that is part of the store.</summary>
internal sealed class Segment(SegmentEntry entry, IReadOnlyList<StoredBlock> blocks)
{
    public SegmentEntry Entry => entry;

    /// <summary>Its row groups, in order of time.</summary>
    public IReadOnlyList<StoredBlock> Blocks => blocks;
}
