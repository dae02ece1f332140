namespace Akka.Ingest.Redaction;

using System.Globalization;
using System.Text;

/// <summary>Cuts a body that is longer than configured. It must be redacted already.</summary>
internal static class BodyLimit
{
    /// <summary>
    /// Appends a JSON string of the start of the body, as text, and a mark that tells how many bytes of text are missing;
    /// at most <paramref name="maxLength"/> bytes together.
    /// </summary>
    /// <param name="json">A string is cut in its text; any other value in its JSON.</param>
    /// <param name="maxLength">At least 64.</param>
    public static void AppendCut(Utf8Buffer output, ReadOnlySpan<byte> json, int maxLength)
    {
        var text = json;
        if (json[0] == (byte)'"')
        {
            var target = new byte[json.Length];
            text = target.AsSpan(0, JsonText.Unescape(json[1..^1], target));
        }

        var room = maxLength - 2 - Mark(text.Length).Length;
        var kept = 0;
        for (; kept < text.Length && room > 0; kept++)
            room -= JsonText.EscapedLength(text[kept]);
        kept = JsonText.CutLength(text, room < 0 ? kept - 1 : kept);

        output.Append((byte)'"');
        JsonText.AppendEscaped(output, text[..kept]);
        if (kept < text.Length)
            output.Append(Mark(text.Length - kept));
        output.Append((byte)'"');
    }

    private static byte[] Mark(int missing) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"…[truncated {missing} bytes]"));
}
