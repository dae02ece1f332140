namespace Akka.Ingest.Redaction;

using System.Buffers;

/// <summary>A growing pooled byte buffer. Not thread-safe; spans taken from it are invalid after the next append.</summary>
internal sealed class Utf8Buffer : IDisposable
{
    /// <summary>A larger buffer is given back when it is cleared: one huge event must not pin its memory.</summary>
    private const int KeptCapacity = 1024 * 1024;

    private byte[] _bytes = [];
    private int _length;

    public int Length => _length;
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Append(byte value)
    {
        if (_length == _bytes.Length)
            Grow(1);
        _bytes[_length++] = value;
    }

    public void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        _length += value.Length;
    }

    /// <summary>Room for at least <paramref name="size"/> bytes; what was written there counts after <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_bytes.Length - _length < size)
            Grow(size);
        return _bytes.AsSpan(_length);
    }

    public void Advance(int written) => _length += written;

    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > KeptCapacity)
            Dispose();
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Grow(int size)
    {
        var wanted = Math.Min((long)Array.MaxLength, Math.Max(1024, Math.Max(_bytes.Length * 2L, _length + (long)size)));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(wanted, checked(_length + size)));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
