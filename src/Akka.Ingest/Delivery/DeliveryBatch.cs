namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;

/// <summary>A contiguous run of a partition's events, as large as one store write may be. Owns the memory they lie in.</summary>
internal sealed class DeliveryBatch(List<EventRun> runs, int eventCount, List<ExpandedChunk> chunks) : IDisposable
{
    private List<ExpandedChunk>? _chunks = chunks;

    /// <summary>In order; at least one.</summary>
    public IReadOnlyList<EventRun> Runs { get; } = runs;

    /// <summary>Events, those for the dead letters included.</summary>
    public int EventCount { get; } = eventCount;

    /// <summary>The position once all of it is settled.</summary>
    public StoredPosition End => Runs[^1].End;

    /// <summary>Gives the memory back. Only when no write that was given slices of it is under way.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _chunks, null) is not { } held)
            return;
        foreach (var chunk in held)
            chunk.Release();
    }
}
