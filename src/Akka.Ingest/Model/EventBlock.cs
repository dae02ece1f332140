namespace Akka.Ingest.Model;

using System.Buffers;

/// <summary>
/// The events of one request, parsed, redacted and encoded as chunks back to back (<see cref="ChunkCodec"/>). Owns pooled
/// memory: whoever holds the block last disposes it.
/// </summary>
public sealed class EventBlock : IDisposable
{
    private byte[]? _buffer;
    private readonly int _length;

    internal EventBlock(byte[] pooledBuffer, int length, int eventCount, int rejectedCount, int rawBytes, bool isPlain)
    {
        _buffer = pooledBuffer;
        _length = length;
        EventCount = eventCount;
        RejectedCount = rejectedCount;
        RawBytes = rawBytes;
        IsPlain = isPlain;
    }

    /// <summary>The chunks. Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Chunks =>
        _buffer is { } buffer ? buffer.AsMemory(0, _length) : throw new ObjectDisposedException(nameof(EventBlock));

    /// <summary>Events in the block, rejected ones included.</summary>
    public int EventCount { get; }

    /// <summary>Events that go to the dead letters and not to the store.</summary>
    public int RejectedCount { get; }

    /// <summary>Size of the records before compression, in bytes.</summary>
    public int RawBytes { get; }

    /// <summary>True for a small request: one uncompressed chunk, which the spool joins with its neighbours before it compresses.</summary>
    public bool IsPlain { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
