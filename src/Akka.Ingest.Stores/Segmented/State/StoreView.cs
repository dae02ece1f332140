namespace Akka.Ingest.Stores.Segmented.State;

using System.Collections.Immutable;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.Sealing;

/// <summary>The frames of an active file that are flushed. The array may grow behind <paramref name="Count"/>.</summary>
/// <param name="IsComplete">Nothing is appended any more; the file can be sealed.</param>
internal sealed record ActiveView(ActiveFile File, FrameBlock[] Frames, int Count, bool IsComplete = false)
{
    public IEnumerable<FrameBlock> Blocks => Frames.Take(Count);

    public ActiveView With(FrameBlock frame)
    {
        var frames = Frames;
        if (Count == frames.Length)
            Array.Resize(ref frames, Math.Max(16, Count * 2));
        frames[Count] = frame;
        return new ActiveView(File, frames, Count + 1, IsComplete);
    }
}

/// <summary>Everything the store holds at one moment. Immutable.</summary>
/// <param name="Segments">In order of arrival.</param>
/// <param name="Actives">In order of arrival; the last one is written to.</param>
/// <param name="NextArrival">All that the view holds arrived before it.</param>
/// <param name="Removals">Grows when files leave the store.</param>
internal sealed record StoreView(ImmutableArray<Segment> Segments, ImmutableArray<ActiveView> Actives, long NextArrival, long Removals)
{
    public static readonly StoreView Empty = new([], [], 1, 0);

    /// <summary>All that can be served.</summary>
    public IEnumerable<StoredBlock> Blocks =>
        Segments.SelectMany(segment => segment.Blocks).Concat(Actives.SelectMany(active => active.Blocks)).Where(block => !block.IsDamaged && block.Count > 0);
}
