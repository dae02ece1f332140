namespace Akka.Ingest.Redaction;

using System.Buffers;

/// <summary>
/// Redaction of a text that is not, or not wholly, JSON: what follows a sensitive name and <c>:</c> or <c>=</c> is masked.
/// Where it is not certain how far a value reaches, more is masked and never less.
/// </summary>
internal sealed class TextRules(SensitiveNames names, byte[] mask)
{
    private const int MaxSpacedName = 64;

    private static readonly SearchValues<byte> Marks = SearchValues.Create(":=\\"u8);

    /// <summary>True when a sensitive name with <c>:</c> or <c>=</c> occurs anywhere in the text.</summary>
    public bool Finds(ReadOnlySpan<byte> text) => TryFind(text, 0, 0, out _, out _);

    /// <summary>
    /// Appends the text from <paramref name="from"/> on with its secrets masked; what stands before is only looked at.
    /// Returns true when a secret may go on behind the end of the text: the next line must then be masked as well.
    /// </summary>
    public bool Append(ReadOnlySpan<byte> text, int from, Utf8Buffer output)
    {
        var at = from;
        while (TryFind(text, at, at == from ? 0 : at, out var value, out var isMember))
        {
            var start = SkipToValue(text, value);
            output.Append(text[at..start]);
            output.Append(mask);
            if (start == text.Length)
                return true;
            if (text[start] is (byte)'{' or (byte)'[')
                return true;
            at = EndOfValue(text, start, isMember, out var isOpen);
            if (at == text.Length)
                return isOpen;
        }

        output.Append(text[at..]);
        return false;
    }

    /// <param name="floor">Names are looked for behind it and behind the mark before, so no byte is looked at twice.</param>
    private bool TryFind(ReadOnlySpan<byte> text, int from, int floor, out int value, out bool isMember)
    {
        while (true)
        {
            var next = text[from..].IndexOfAny(Marks);
            if (next < 0)
            {
                value = 0;
                isMember = false;
                return false;
            }

            var mark = from + next;
            value = mark + MarkLength(text[mark..]);
            if (value > mark && NameBefore(text[floor..mark], out var isQuoted))
            {
                isMember = isQuoted && text[mark] == (byte)':';
                return true;
            }

            from = Math.Max(value, mark + 1);
            if (value > mark)
                floor = from;
        }
    }

    /// <summary>1 for a plain mark, 6 for one written as <c>\u003a</c> or <c>\u003d</c>, 0 for any other backslash.</summary>
    private static int MarkLength(ReadOnlySpan<byte> text)
    {
        if (text[0] != (byte)'\\')
            return 1;
        return text.Length >= 6 && text[1..5].SequenceEqual("u003"u8) && (text[5] | 0x20) is 'a' or 'd' ? 6 : 0;
    }

    private bool NameBefore(ReadOnlySpan<byte> head, out bool isQuoted)
    {
        head = head.TrimEnd(" \t\r\n\\"u8);
        isQuoted = !head.IsEmpty && head[^1] is (byte)'"' or (byte)'\'';
        if (isQuoted)
        {
            var quote = head[^1];
            head = head[..^1].TrimEnd((byte)'\\');
            return IsSensitive(head[(head.LastIndexOf(quote) + 1)..]);
        }

        var start = head.Length;
        while (start > 0 && IsNameByte(head[start - 1]))
            start--;
        if (IsSensitive(head[start..]))
            return true;

        var spaced = head[Math.Max(0, head.Length - MaxSpacedName)..];
        spaced = spaced[(spaced.LastIndexOfAny("\r\n\""u8) + 1)..];
        return spaced.Contains((byte)' ') && names.EndWords(spaced);
    }

    private bool IsSensitive(ReadOnlySpan<byte> name)
    {
        // The text may be JSON inside JSON: each round takes off one layer of escapes.
        for (var layer = 0; layer < 8 && name.Contains((byte)'\\'); layer++)
        {
            var target = new byte[name.Length];
            name = target.AsSpan(0, JsonText.Unescape(name, target));
        }

        return names.Contains(name);
    }

    private static bool IsNameByte(byte value) =>
        value >= 0x80 || char.IsAsciiLetterOrDigit((char)value)
        || value is (byte)'_' or (byte)'-' or (byte)'.' or (byte)'$' or (byte)'@' or (byte)'\\' or (byte)'[' or (byte)']';

    /// <summary>Position of the first byte of the value, behind its opening quote where it has one.</summary>
    private static int SkipToValue(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'=' or (byte)':' or (byte)'>')
            at++;
        var quote = at;
        while (quote < text.Length && text[quote] == (byte)'\\')
            quote++;
        return quote < text.Length && text[quote] is (byte)'"' or (byte)'\'' ? quote + 1 : at;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text, int start, bool isMember, out bool isOpen)
    {
        if (text[start - 1] is (byte)'"' or (byte)'\'')
            return EndOfQuoted(text, start, out isOpen);

        // A bare value may hold anything ("Bearer abc", "a=b; c=d"), so the rest goes, but for a plain JSON member.
        isOpen = false;
        if (!isMember)
            return text.Length;
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit((char)text[end]) || text[end] is (byte)'-' or (byte)'+' or (byte)'.'))
            end++;
        return end < text.Length && text[end] is (byte)',' or (byte)'}' or (byte)']' ? end : text.Length;
    }

    private static int EndOfQuoted(ReadOnlySpan<byte> text, int start, out bool isOpen)
    {
        var quote = text[start - 1];
        var depth = BackslashesBefore(text, start - 1, 0);
        for (var at = start; at < text.Length; at++)
        {
            var next = text[at..].IndexOf(quote);
            if (next < 0)
                break;
            at += next;
            var backslashes = BackslashesBefore(text, at, start);
            if (backslashes > depth)
                continue;
            isOpen = false;

            // A quote that is not followed by what may follow a value was part of the secret.
            var after = text[(at + 1)..].TrimStart(" \t\r\n\\"u8);
            if (after.IsEmpty || after[0] is (byte)',' or (byte)'}' or (byte)']' or (byte)';' or (byte)'&' or (byte)')' or (byte)'"')
                return at - backslashes;
        }

        isOpen = true;
        return text.Length;
    }

    private static int BackslashesBefore(ReadOnlySpan<byte> text, int at, int from)
    {
        var count = 0;
        while (at - count > from && text[at - count - 1] == (byte)'\\')
            count++;
        return count;
    }
}
