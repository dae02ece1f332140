namespace Akka.Ingest.Stores.Segmented.Sealing;

using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>A sealed segment that is part of the store.</summary>
internal sealed class Segment(SegmentEntry entry, SegmentFile file, IReadOnlyList<StoredBlock> blocks)
{
    public SegmentFile File => file;

    public SegmentEntry Entry => entry;

    /// <summary>False where the index is gone: what is in the file is neither served nor touched.</summary>
    public bool IsReadable => blocks.Count > 0;

    /// <summary>Its row groups, in order of time.</summary>
    public IReadOnlyList<StoredBlock> Blocks => blocks;
}
