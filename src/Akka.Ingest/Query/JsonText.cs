namespace Akka.Ingest.Query;

using System.Globalization;
using System.Text;

/// <summary>
/// Unescapes JSON strings. Unlike <c>Utf8JsonReader</c> it does not throw on half a surrogate pair, which is legal JSON and does
/// occur in logs; it reads as U+FFFD.
/// </summary>
/// <remarks>Not thread-safe: owns the buffer it returns slices of. The next call overwrites the last result.</remarks>
internal sealed class JsonText
{
    private byte[] _buffer = new byte[256];

    /// <summary>The text of a string token with its quotes.</summary>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> quoted)
    {
        var start = quoted.IndexOf((byte)'"') + 1;
        var inner = quoted[start..quoted.LastIndexOf((byte)'"')];
        return inner.Contains((byte)'\\') ? Unescape(inner) : inner;
    }

    public ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text)
    {
        // No escape is shorter than what it stands for.
        if (_buffer.Length < text.Length)
            _buffer = new byte[Math.Max(text.Length, _buffer.Length * 2)];
        var length = 0;
        while (!text.IsEmpty)
        {
            var run = text.IndexOf((byte)'\\');
            if (run < 0)
                run = text.Length;
            text[..run].CopyTo(_buffer.AsSpan(length));
            length += run;
            text = text[run..];
            if (text.Length < 2)
                break;
            if (text[1] == 'u')
            {
                length += ReadUnicode(ref text).EncodeToUtf8(_buffer.AsSpan(length));
                continue;
            }

            _buffer[length++] = text[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'t' => (byte)'\t',
                (byte)'r' => (byte)'\r',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                var other => other,
            };
            text = text[2..];
        }

        return _buffer.AsSpan(0, length);
    }

    private static Rune ReadUnicode(ref ReadOnlySpan<byte> text)
    {
        var high = Hex(text);
        text = text[Math.Min(6, text.Length)..];
        if (!char.IsHighSurrogate(high))
            return Rune.TryCreate(high, out var rune) ? rune : Rune.ReplacementChar;
        if (text.Length < 6 || text[0] != '\\' || text[1] != 'u' || !Rune.TryCreate(high, Hex(text), out var pair))
            return Rune.ReplacementChar;
        text = text[6..];
        return pair;
    }

    private static char Hex(ReadOnlySpan<byte> escape) =>
        escape.Length >= 6 && ushort.TryParse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : '\uFFFD';
}
