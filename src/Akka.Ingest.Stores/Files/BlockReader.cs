namespace Akka.Ingest.Stores.Files;

using System.Buffers;

/// <summary>Reads a block and shows the lines in it that hold; others are reported as damage.</summary>
/// <remarks>Not thread-safe. A line is valid until the next block is read.</remarks>
internal sealed class BlockReader(LineDamage damage) : IDisposable
{
    private byte[] _buffer = [];
    private DayFile? _file;
    private FileBlock? _block;
    private int _length;
    private int _at;
    private int _found;
    private bool _isPastExpired;

    /// <summary>Where the last line begins in the block.</summary>
    public int LineOffset { get; private set; }

    public void Open(DayFile file, FileBlock block)
    {
        if (_buffer.Length < block.Length)
        {
            Return();
            _buffer = ArrayPool<byte>.Shared.Rent(block.Length);
        }

        _file = file;
        _block = block;
        _length = file.File.Read(block.Offset, _buffer.AsSpan(0, block.Length));
        _at = 0;
        _found = 0;
        _isPastExpired = false;
    }

    public bool MoveNext(out EventLine line)
    {
        while (_at < _length)
        {
            LineOffset = _at;
            var isLine = LineMatcher.TryMatch(_buffer.AsSpan(_at, _length - _at), out line, out var length);
            _at += length;
            if (!isLine)
                continue;

            // Lines that expired may still stand before the others.
            if (!_isPastExpired && line.Arrival < _block!.FirstArrival)
                continue;
            _isPastExpired = true;
            _found++;
            return true;
        }

        line = default;
        if (_found < _block!.Lines)
            damage.Add(_file!, _block, _buffer.AsSpan(0, _length));
        return false;
    }

    /// <summary>The one line at a place of the open block; false when it does not hold any more.</summary>
    public bool TryReadAt(int offset, out EventLine line) => LineMatcher.TryMatch(_buffer.AsSpan(offset, _length - offset), out line, out _);

    public void Dispose() => Return();

    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
