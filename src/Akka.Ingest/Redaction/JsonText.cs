namespace Akka.Ingest.Redaction;

using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

/// <summary>The two directions between a text and its form inside JSON quotes, over UTF-8.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> MustBeEscaped = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    /// <summary>
    /// Writes the text that the inside of a JSON string stands for and returns its length, which is never more than that of
    /// <paramref name="escaped"/>. Never fails: a lone surrogate becomes U+FFFD, an escape that is none stays as it is.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var run = escaped.IndexOf((byte)'\\');
            if (run < 0 || run == escaped.Length - 1)
            {
                escaped.CopyTo(target[written..]);
                return written + escaped.Length;
            }

            escaped[..run].CopyTo(target[written..]);
            written += run;
            escaped = escaped[run..];
            escaped = escaped[UnescapeOne(escaped, target, ref written)..];
        }
    }

    /// <summary>The text of the string that the reader stands on, if it is one short enough to be a date or a level.</summary>
    public static bool TryGetShort(ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.String || text.Length > 256)
            return false;
        if (reader.ValueIsEscaped)
        {
            var target = new byte[text.Length];
            text = target.AsSpan(0, Unescape(text, target));
        }

        return true;
    }

    /// <summary>Appends <paramref name="text"/> as the inside of a JSON string, with only the escapes that JSON demands.</summary>
    public static void AppendEscaped(Utf8Buffer output, ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var run = text.IndexOfAny(MustBeEscaped);
            if (run < 0)
            {
                output.Append(text);
                return;
            }

            output.Append(text[..run]);
            AppendEscape(output, text[run]);
            text = text[(run + 1)..];
        }
    }

    /// <summary>How many bytes <paramref name="value"/> takes inside a JSON string.</summary>
    public static int EscapedLength(byte value) => value switch
    {
        (byte)'"' or (byte)'\\' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\b' or (byte)'\f' => 2,
        < 0x20 => 6,
        _ => 1,
    };

    /// <summary>The largest length up to <paramref name="limit"/> at which the text can be cut without splitting a scalar.</summary>
    public static int CutLength(ReadOnlySpan<byte> text, int limit)
    {
        if (text.Length <= limit)
            return text.Length;
        while (limit > 0 && (text[limit] & 0xC0) == 0x80)
            limit--;
        return limit;
    }

    /// <summary>Appends valid JSON without the white space between its tokens.</summary>
    public static void AppendCompact(Utf8Buffer output, ReadOnlySpan<byte> json)
    {
        for (var at = 0; at < json.Length; at++)
        {
            if (IsSpace(json[at]))
                continue;
            var start = at;
            if (json[at] == (byte)'"')
            {
                do
                {
                    at += json[at] == (byte)'\\' ? 2 : 1;
                }
                while (json[at] != (byte)'"');
            }

            output.Append(json[start..(at + 1)]);
        }
    }

    public static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>Returns how many bytes of the escape at the start of <paramref name="source"/> were consumed.</summary>
    private static int UnescapeOne(ReadOnlySpan<byte> source, Span<byte> target, ref int written)
    {
        var simple = source[1] switch
        {
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'"' => '"',
            (byte)'\\' => '\\',
            (byte)'/' => '/',
            _ => '\0',
        };
        if (simple != '\0')
        {
            target[written++] = (byte)simple;
            return 2;
        }

        if (!TryReadUnit(source, out var unit))
        {
            target[written++] = (byte)'\\';
            return 1;
        }

        var consumed = 6;
        if (!Rune.TryCreate(unit, out var rune))
        {
            if (TryReadUnit(source[6..], out var low) && Rune.TryCreate(unit, low, out rune))
                consumed = 12;
            else
                rune = Rune.ReplacementChar;
        }

        written += rune.EncodeToUtf8(target[written..]);
        return consumed;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> source, out char unit)
    {
        unit = '\0';
        if (source.Length < 6 || source[0] != (byte)'\\' || source[1] != (byte)'u')
            return false;
        if (!Utf8Parser.TryParse(source.Slice(2, 4), out uint value, out var used, 'x') || used != 4)
            return false;
        unit = (char)value;
        return true;
    }

    private static void AppendEscape(Utf8Buffer output, byte value)
    {
        output.Append((byte)'\\');
        switch (value)
        {
            case (byte)'\n': output.Append((byte)'n'); break;
            case (byte)'\r': output.Append((byte)'r'); break;
            case (byte)'\t': output.Append((byte)'t'); break;
            case (byte)'\b': output.Append((byte)'b'); break;
            case (byte)'\f': output.Append((byte)'f'); break;
            case < 0x20:
                output.Append("u00"u8);
                output.Append((byte)('0' + (value >> 4)));
                output.Append("0123456789abcdef"u8[value & 15]);
                break;
            default: output.Append(value); break;
        }
    }
}
