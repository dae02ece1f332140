namespace Akka.Ingest.Stores.Files;

/// <summary>Walks a stretch of a day file line by line, with bounded memory, stepping over what is no line.</summary>
/// <remarks>Not thread-safe. A line is valid until the next is asked for.</remarks>
internal sealed class LineScanner(IStoreFile file, long from, long to)
{
    private const int FirstWindow = 1024 * 1024;

    /// <summary>A stretch without a newline that is longer than this is no line.</summary>
    private const int LargestWindow = 256 * 1024 * 1024;
    private byte[] _window = new byte[(int)Math.Clamp(to - from, 1, FirstWindow)];
    private long _windowOffset = from;
    private int _filled;
    private int _at;

    /// <summary>Where the last line, or damaged stretch, begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Its length, the newline included.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes of the last damaged stretch.</summary>
    public ReadOnlySpan<byte> Bytes => _window.AsSpan((int)(Offset - _windowOffset), Length);

    /// <summary>Steps on. False at the end; <paramref name="isLine"/> tells a line from a damaged stretch.</summary>
    public bool MoveNext(out EventLine line, out bool isLine)
    {
        line = default;
        isLine = false;
        if (!Fill())
            return false;
        isLine = LineMatcher.TryMatch(_window.AsSpan(_at, _filled - _at), out line, out var length);
        Offset = _windowOffset + _at;
        Length = length;
        _at += length;
        return true;
    }

    // Reads on until the window holds the end of a line behind the place.
    private bool Fill()
    {
        for (var searched = _at; ;)
        {
            if (_window.AsSpan(searched, _filled - searched).ContainsAny((byte)'\n', (byte)0))
                return true;
            searched = _filled;
            if (_windowOffset + _filled >= to || _filled - _at >= LargestWindow)
                return _filled > _at;
            searched -= MakeRoom();
            var wanted = (int)Math.Min(_window.Length - _filled, to - _windowOffset - _filled);
            var read = file.Read(_windowOffset + _filled, _window.AsSpan(_filled, wanted));
            if (read == 0)
                return _filled > _at;
            _filled += read;
        }
    }

    /// <returns>By how much the bytes moved to the front.</returns>
    private int MakeRoom()
    {
        if (_filled < _window.Length)
            return 0;
        var moved = _at;
        if (moved == 0)
        {
            Array.Resize(ref _window, checked(_window.Length * 2));
            return 0;
        }

        _window.AsSpan(_at, _filled - _at).CopyTo(_window);
        _windowOffset += moved;
        _filled -= moved;
        _at = 0;
        return moved;
    }
}
