namespace Akka.Ingest.Stores.Files;

using System.Buffers.Text;

/// <summary>The small texts of a line, to and from bytes.</summary>
internal static class LineText
{
    private static ReadOnlySpan<byte> Hex => "0123456789abcdef"u8;

    public static void WriteHex(ulong value, Span<byte> target)
    {
        for (var i = 15; i >= 0; i--, value >>= 4)
            target[i] = Hex[(int)(value & 15)];
    }

    /// <summary>Exactly 16 lower-case digits.</summary>
    public static bool TryReadHex(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 16; i++)
        {
            int digit = text[i];
            digit = digit switch
            {
                >= '0' and <= '9' => digit - '0',
                >= 'a' and <= 'f' => digit - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
                return false;
            value = (value << 4) | (uint)digit;
        }

        return true;
    }

    public static void WriteNumber(long value, Span<byte> target, ref int at)
    {
        Utf8Formatter.TryFormat(value, target[at..], out var written);
        at += written;
    }

    /// <summary>Reads a number and moves behind it.</summary>
    public static long ReadNumber(ReadOnlySpan<byte> text, ref int at)
    {
        if (!Utf8Parser.TryParse(text[at..], out long value, out var used))
            throw new InvalidDataException("A line has no number where one belongs.");
        at += used;
        return value;
    }

    /// <summary>Escapes text into a JSON string, without the quotes.</summary>
    public static void WriteEscaped(ReadOnlySpan<byte> text, Span<byte> target, ref int at)
    {
        for (var next = text.IndexOfAny(LineFormat.Escaped); next >= 0; next = text.IndexOfAny(LineFormat.Escaped))
        {
            text[..next].CopyTo(target[at..]);
            at += next;
            WriteEscape(text[next], target, ref at);
            text = text[(next + 1)..];
        }

        text.CopyTo(target[at..]);
        at += text.Length;
    }

    /// <summary>
    /// The bytes of the JSON string that begins at <paramref name="at"/>, which is moved behind its closing quote. They lie in the line itself,
    /// or in <paramref name="scratch"/> where something was escaped.
    /// </summary>
    public static ReadOnlySpan<byte> ReadString(ReadOnlySpan<byte> line, scoped ref int at, scoped ref byte[] scratch)
    {
        var start = at;
        var plain = line[at..].IndexOfAny(LineFormat.QuoteOrEscape);
        if (plain >= 0 && line[at + plain] == (byte)'"')
        {
            at += plain + 1;
            return line.Slice(start, plain);
        }

        if (scratch.Length < line.Length)
            scratch = new byte[line.Length];
        var length = 0;
        for (; plain >= 0; plain = line[at..].IndexOfAny(LineFormat.QuoteOrEscape))
        {
            line.Slice(at, plain).CopyTo(scratch.AsSpan(length));
            length += plain;
            at += plain;
            if (line[at] == (byte)'"')
            {
                at++;
                return scratch.AsSpan(0, length);
            }

            scratch[length++] = ReadEscape(line, ref at);
        }

        throw new InvalidDataException("A text of a line does not end.");
    }

    private static void WriteEscape(byte value, Span<byte> target, ref int at)
    {
        target[at++] = (byte)'\\';
        var letter = value switch
        {
            (byte)'"' or (byte)'\\' => value,
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => (byte)'u',
        };
        target[at++] = letter;
        if (letter != (byte)'u')
            return;
        target[at++] = (byte)'0';
        target[at++] = (byte)'0';
        target[at++] = Hex[value >> 4];
        target[at++] = Hex[value & 15];
    }

    private static byte ReadEscape(ReadOnlySpan<byte> line, scoped ref int at)
    {
        var letter = line[at + 1];
        at += 2;
        switch (letter)
        {
            case (byte)'"' or (byte)'\\':
                return letter;
            case (byte)'b':
                return (byte)'\b';
            case (byte)'f':
                return (byte)'\f';
            case (byte)'n':
                return (byte)'\n';
            case (byte)'r':
                return (byte)'\r';
            case (byte)'t':
                return (byte)'\t';
            case (byte)'u' when Utf8Parser.TryParse(line.Slice(at, 4), out ushort value, out var used, 'x') && used == 4 && value < 32:
                at += 4;
                return (byte)value;
            default:
                throw new InvalidDataException("A text of a line has an escape that the store does not write.");
        }
    }
}
