namespace Akka.Ingest.Query;

using System.Globalization;

/// <summary>Times in query parameters and filters: RFC 3339 with up to 7 fraction digits kept (further ones are cut off).</summary>
internal static class Rfc3339
{
    /// <summary>
    /// Reads a time; false for anything RFC 3339 does not allow. A space before the offset is read as <c>+</c>, which is what a plus
    /// sign that was not percent-encoded becomes in a query string.
    /// </summary>
    public static bool TryParse(string text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't' or ' ') || text[13] != ':' || text[16] != ':'
            || !Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || !Digits(text, 11, 2, out var hour) || !Digits(text, 14, 2, out var minute) || !Digits(text, 17, 2, out var second))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
            return false;
        var at = 19;
        long fraction = 0;
        if (text[at] == '.')
        {
            var scale = TimeSpan.TicksPerSecond / 10;
            var start = ++at;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++, scale /= 10)
                fraction += (text[at] - '0') * scale;
            if (at == start)
                return false;
        }

        if (!TryParseOffset(text.AsSpan(at), out var offsetMinutes))
            return false;
        ticks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks
            + (second * TimeSpan.TicksPerSecond) + fraction - (offsetMinutes * TimeSpan.TicksPerMinute);
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
    }

    public static string Format(long ticks) =>
        new DateTime(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static bool TryParseOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-' or ' ') || text[3] != ':'
            || !int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var rest)
            || hours > 23 || rest > 59)
            return false;
        minutes = ((hours * 60) + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Digits(string text, int start, int count, out int value) =>
        int.TryParse(text.AsSpan(start, count), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
