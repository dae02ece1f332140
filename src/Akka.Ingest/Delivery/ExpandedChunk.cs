namespace Akka.Ingest.Delivery;

using System.Buffers;

/// <summary>
/// The events of one chunk, cut into runs, and the pooled memory they lie in. A chunk can end up in several batches: each
/// holds it once, and the last to let go gives the memory back.
/// </summary>
/// <param name="pooled">Null where the records lie in the entry itself (plain chunks).</param>
/// <param name="runs">At least one.</param>
internal sealed class ExpandedChunk(byte[]? pooled, List<EventRun> runs)
{
    private byte[]? _pooled = pooled;
    private int _holders = 1;
    private int _next;

    /// <summary>Runs not yet taken.</summary>
    public ReadOnlySpan<EventRun> Remaining => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs)[_next..];

    /// <summary>Takes the first remaining run.</summary>
    public void Advance() => _next++;

    /// <summary>Takes the first part of the first remaining run; <paramref name="rest"/> stays.</summary>
    public void Advance(EventRun rest) => runs[_next] = rest;

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && Interlocked.Exchange(ref _pooled, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
