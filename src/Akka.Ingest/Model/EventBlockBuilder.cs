namespace Akka.Ingest.Model;

using System.Buffers;

/// <summary>
/// Collects the events of one request and compresses them chunk by chunk while the request is still being parsed.
/// </summary>
/// <remarks>Not thread-safe. After <see cref="Build"/> only <see cref="Dispose"/> may be called.</remarks>
public sealed class EventBlockBuilder : IDisposable
{
    /// <summary>A request whose records stay below this size is left uncompressed for the spool to join with others.</summary>
    public const int PlainLimitBytes = 16 * 1024;

    private byte[] _chunks = [];
    private int _chunksLength;
    private int _openEvents;
    private int _openStart;
    private int _closedRawBytes;

    /// <summary>
    /// Where the parser writes the next record. Call <see cref="EventWritten"/> after each finished one; a record that is
    /// given up is removed with <see cref="DiscardOpenRecord"/>.
    /// </summary>
    public EventRecordWriter Records { get; } = new();

    public int EventCount { get; private set; }
    public int RejectedCount { get; private set; }

    /// <summary>Size of all records so far before compression, in bytes.</summary>
    public int RawBytes => _closedRawBytes + Records.Length;

    public void EventWritten(bool rejected = false)
    {
        _openEvents++;
        _openStart = Records.Length;
        EventCount++;
        if (rejected)
            RejectedCount++;
        if (Records.Length >= ChunkCodec.TargetRawBytes)
            CloseChunk(compress: true);
    }

    /// <summary>Takes back what was written since the last <see cref="EventWritten"/>.</summary>
    public void DiscardOpenRecord() => Records.Truncate(_openStart);

    public EventBlock Build()
    {
        var isPlain = _chunksLength == 0 && Records.Length <= PlainLimitBytes;
        if (_openEvents > 0)
            CloseChunk(compress: !isPlain);
        FitBuffer();
        var block = new EventBlock(_chunks, _chunksLength, EventCount, RejectedCount, _closedRawBytes, isPlain);
        _chunks = [];
        return block;
    }

    public void Dispose()
    {
        Records.Dispose();
        var chunks = Interlocked.Exchange(ref _chunks, []);
        if (chunks.Length > 0)
            ArrayPool<byte>.Shared.Return(chunks);
    }

    /// <summary>A block may wait for long; it must not pin the room that compression needed and did not use.</summary>
    private void FitBuffer()
    {
        if (_chunks.Length < 4096 || _chunksLength > _chunks.Length / 2)
            return;
        var fitting = ArrayPool<byte>.Shared.Rent(_chunksLength);
        _chunks.AsSpan(0, _chunksLength).CopyTo(fitting);
        ArrayPool<byte>.Shared.Return(_chunks);
        _chunks = fitting;
    }

    private void CloseChunk(bool compress)
    {
        var room = ChunkCodec.MaxLength(Records.Length);
        if (_chunks.Length - _chunksLength < room)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_chunks.Length * 2, _chunksLength + room));
            _chunks.AsSpan(0, _chunksLength).CopyTo(larger);
            if (_chunks.Length > 0)
                ArrayPool<byte>.Shared.Return(_chunks);
            _chunks = larger;
        }

        _chunksLength += ChunkCodec.Write(_chunks.AsSpan(_chunksLength), Records.WrittenSpan, _openEvents, compress);
        _closedRawBytes = checked(_closedRawBytes + Records.Length);
        Records.Clear();
        _openEvents = 0;
        _openStart = 0;
    }
}
