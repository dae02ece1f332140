namespace Akka.Ingest.Stores.Files;

using System.Buffers;

/// <summary>Finds where a JSON value ends, without looking at what it says.</summary>
internal static class JsonExtent
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[],"u8);

    /// <summary>Index of the comma behind the value that begins at <paramref name="start"/>, or the end of the bytes.</summary>
    public static int EndOf(ReadOnlySpan<byte> bytes, int start)
    {
        var depth = 0;
        for (var at = start; ;)
        {
            var next = bytes[at..].IndexOfAny(Structure);
            if (next < 0)
                return bytes.Length;
            at += next;
            switch (bytes[at])
            {
                case (byte)'"':
                    at = EndOfString(bytes, at + 1);
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    break;
                default:
                    if (depth == 0)
                        return at;
                    break;
            }

            at++;
        }
    }

    private static int EndOfString(ReadOnlySpan<byte> bytes, int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOfAny(LineFormat.QuoteOrEscape);
            if (next < 0)
                return bytes.Length;
            at += next;
            if (bytes[at] == (byte)'"')
                return at + 1;
            at = Math.Min(at + 2, bytes.Length);
        }
    }
}
