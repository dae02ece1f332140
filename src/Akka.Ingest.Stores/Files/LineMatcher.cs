namespace Akka.Ingest.Stores.Files;

/// <summary>Takes the next line off a stretch of bytes, whatever happened to the bytes.</summary>
internal static class LineMatcher
{
    /// <summary>
    /// Matches the line at the start of <paramref name="bytes"/>; false where there is none that holds. Either way
    /// <paramref name="length"/> is what to step over to reach the next line.
    /// </summary>
    /// <remarks>
    /// A line begins after a newline, after a NUL (no line has one; lost pages read as NULs) or where the line before ends. So a destroyed
    /// newline takes no line with it, and text inside of an event that looks like a line is never taken for one.
    /// </remarks>
    public static bool TryMatch(ReadOnlySpan<byte> bytes, out EventLine line, scoped out int length)
    {
        line = default;
        var end = bytes.IndexOfAny((byte)'\n', (byte)0);
        if (end == 0)
        {
            var zeros = bytes.IndexOfAnyExcept((byte)0);
            length = zeros < 0 ? bytes.Length : Math.Max(zeros, 1);
            return false;
        }

        length = end < 0 ? bytes.Length : end + 1;
        return (end >= 0 && EventLine.TryVerify(bytes[..end], out line)) || TryMatchJoined(bytes[..length], out line, ref length);
    }

    // The newline is not where the line ends: look at every place where it could end.
    private static bool TryMatchJoined(ReadOnlySpan<byte> bytes, out EventLine line, scoped ref int length)
    {
        line = default;
        if (!bytes.StartsWith(LineFormat.Start))
            return false;
        for (var from = 0; bytes[from..].IndexOf(LineFormat.TailEnd) is >= 0 and var found; from += found + 1)
        {
            var end = from + found + LineFormat.TailEnd.Length;
            if (!EventLine.TryVerify(bytes[..end], out line))
                continue;
            length = Math.Min(end + 1, bytes.Length);
            return true;
        }

        return false;
    }
}
