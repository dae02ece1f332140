namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.IO.Hashing;
using Akka.Ingest.Stores.Files;
using ParquetSharp;
using ParquetSharp.IO;

/// <summary>
/// Feeds the Parquet reader from checked memory: the footer, and the column chunks that were loaded. Nothing unchecked reaches it; what was
/// not loaded reads as zeros and is never looked at. For one reader.
/// </summary>
internal sealed class SegmentSource : IDisposable
{
    private readonly IStoreFile _file;
    private readonly SegmentFooter _footer;
    private readonly Dictionary<long, byte[]> _chunks = [];
    private readonly ManagedRandomAccessFile _input;
    private readonly ReaderProperties _properties;
    private readonly ParquetFileReader _parquet;

    /// <param name="file">The segment; owned from here on.</param>
    public SegmentSource(IStoreFile file, SegmentFooter footer)
    {
        _file = file;
        _footer = footer;
        _input = new ManagedRandomAccessFile(new CheckedStream(this));
        _properties = ReaderProperties.GetDefaultReaderProperties();
        _properties.SetFooterReadSize(footer.Bytes.Length);
        _parquet = new ParquetFileReader(_input, _properties);
    }

    /// <summary>Reads a column chunk and checks it; false where it is not what was written.</summary>
    public bool TryLoad(in FilePart chunk)
    {
        if (_chunks.ContainsKey(chunk.Offset))
            return true;
        var bytes = GC.AllocateUninitializedArray<byte>(chunk.Length);
        if (_file.Read(chunk.Offset, bytes) < bytes.Length || XxHash3.HashToUInt64(bytes) != chunk.Checksum)
            return false;
        _chunks.Add(chunk.Offset, bytes);
        return true;
    }

    public RowGroupReader RowGroup(int index) => _parquet.RowGroup(index);

    public void Unload(in FilePart chunk) => _chunks.Remove(chunk.Offset);

    public void Dispose()
    {
        _parquet.Dispose();
        _properties.Dispose();
        _input.Dispose();
        _file.Dispose();
        _chunks.Clear();
    }

    private int Read(long position, Span<byte> target)
    {
        if (position >= _footer.Offset)
            return Copy(_footer.Bytes, position - _footer.Offset, target);
        foreach (var (offset, bytes) in _chunks)
        {
            if (position >= offset && position < offset + bytes.Length)
                return Copy(bytes, position - offset, target);
        }

        var zeros = (int)Math.Min(target.Length, _footer.Offset - position);
        target[..zeros].Clear();
        return zeros;
    }

    private static int Copy(byte[] from, long offset, Span<byte> target)
    {
        var count = (int)Math.Min(target.Length, from.Length - offset);
        from.AsSpan((int)offset, count).CopyTo(target);
        return count;
    }

    private sealed class CheckedStream(SegmentSource source) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => source._footer.FileLength;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var total = 0;
            while (total < buffer.Length && Position < Length)
            {
                var read = source.Read(Position, buffer[total..]);
                Position += read;
                total += read;
            }

            return total;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
