namespace Akka.Ingest.Query;

using System.Buffers;
using System.Text;

/// <summary>
/// Maps UTF-8 text to a form in which texts that differ only in case are equal byte for byte: every scalar becomes its
/// simple upper-case form of the invariant culture.
/// </summary>
/// <remarks>Not thread-safe: owns the buffer it returns slices of. The next call overwrites the last result.</remarks>
internal sealed class CaseFolding
{
    private byte[] _buffer = new byte[1024];

    public ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> utf8)
    {
        // A scalar of two bytes can have an upper-case form of three; none grows more.
        var needed = (utf8.Length * 3 / 2) + 4;
        if (_buffer.Length < needed)
            _buffer = new byte[Math.Max(needed, _buffer.Length * 2)];

        // Vectorized for the ASCII run at the start, which is nearly always all of it.
        if (Ascii.ToUpper(utf8, _buffer, out var done) == OperationStatus.Done)
            return _buffer.AsSpan(0, done);
        return FoldRunes(utf8, done);
    }

    private ReadOnlySpan<byte> FoldRunes(ReadOnlySpan<byte> utf8, int at)
    {
        var length = at;
        while (at < utf8.Length)
        {
            var first = utf8[at];
            if (first < 0x80)
            {
                _buffer[length++] = first is >= (byte)'a' and <= (byte)'z' ? (byte)(first - 0x20) : first;
                at++;
                continue;
            }

            Rune.DecodeFromUtf8(utf8[at..], out var rune, out var consumed);
            at += consumed;
            if (_buffer.Length - length < utf8.Length - at + 8)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            length += Rune.ToUpperInvariant(rune).EncodeToUtf8(_buffer.AsSpan(length));
        }

        return _buffer.AsSpan(0, length);
    }
}
