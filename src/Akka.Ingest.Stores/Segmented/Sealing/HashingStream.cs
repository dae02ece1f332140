namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.IO.Hashing;
using Akka.Ingest.Stores.Files;

/// <summary>Takes what the Parquet writer writes to a file, in larger pieces, and knows the checksum of each part.</summary>
internal sealed class HashingStream(IStoreFile file) : Stream
{
    private readonly byte[] _buffer = new byte[1024 * 1024];
    private readonly XxHash3 _hash = new();
    private int _buffered;
    private long _written;
    private long _partStart;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _written + _buffered;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    /// <summary>Ends a part: where it lies and what its checksum is.</summary>
    public FilePart EndPart()
    {
        var part = new FilePart(_partStart, (int)(Position - _partStart), _hash.GetCurrentHashAsUInt64());
        _hash.Reset();
        _partStart = Position;
        return part;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.Append(buffer);
        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, _buffer.Length - _buffered);
            buffer[..taken].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += taken;
            buffer = buffer[taken..];
            if (_buffered == _buffer.Length)
                Drain();
        }
    }

    /// <summary>Nothing: the Parquet writer asks after every page; <see cref="Drain"/> writes the last piece.</summary>
    public override void Flush()
    {
    }

    public void Drain()
    {
        if (_buffered > 0)
            file.Write(_written, _buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>A range of bytes of a file and its XxHash3.</summary>
internal readonly record struct FilePart(long Offset, int Length, ulong Checksum);
