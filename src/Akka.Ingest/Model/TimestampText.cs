namespace Akka.Ingest.Model;

/// <summary>
/// Reads dates, of events and in queries: RFC 3339, with a lower-case <c>t</c> or <c>z</c> and a space for <c>T</c> allowed, as its
/// section 5.6 permits.
/// </summary>
internal static class TimestampText
{
    private const int MaxKeptDigits = 7;

    /// <param name="text">Unescaped UTF-8.</param>
    /// <param name="offsetIsOptional">A time without offset is taken as UTC.</param>
    /// <param name="ticks">UTC, 100 ns. A leap second is the last tick of the second before.</param>
    /// <param name="fractionDigits">Digits of the second's fraction as sent, 0 to 7; further ones are cut off.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, bool offsetIsOptional, out long ticks, out int fractionDigits)
    {
        ticks = 0;
        fractionDigits = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':'
            || text[10] is not ((byte)'T' or (byte)'t' or (byte)' '))
            return false;
        var year = (TwoDigits(text, 0) * 100) + TwoDigits(text, 2);
        var month = TwoDigits(text, 5);
        var day = TwoDigits(text, 8);
        var hour = TwoDigits(text, 11);
        var minute = TwoDigits(text, 14);
        var second = TwoDigits(text, 17);
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;

        var rest = text[19..];
        if (!TryReadFraction(ref rest, out var fraction, ref fractionDigits)
            || !TryReadOffset(rest, offsetIsOptional, out var offsetMinutes))
            return false;

        var isLeapSecond = second == 60;
        ticks = new DateTime(year, month, day, hour, minute, isLeapSecond ? 59 : second, DateTimeKind.Utc).Ticks
            + fraction - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        return !isLeapSecond || TryFoldLeapSecond(ref ticks, ref fractionDigits);
    }

    /// <summary>Two decimal digits, or a number far out of every range.</summary>
    private static int TwoDigits(ReadOnlySpan<byte> text, int at)
    {
        var high = (uint)(text[at] - '0');
        var low = (uint)(text[at + 1] - '0');
        return high > 9 || low > 9 ? -10_000 : (int)((high * 10) + low);
    }

    private static bool TryReadFraction(ref ReadOnlySpan<byte> rest, out long fraction, ref int kept)
    {
        fraction = 0;
        if (rest.IsEmpty || rest[0] != '.')
            return true;
        var digits = 0;
        for (; digits + 1 < rest.Length && char.IsAsciiDigit((char)rest[digits + 1]); digits++)
        {
            if (digits < MaxKeptDigits)
                fraction = (fraction * 10) + (rest[digits + 1] - '0');
        }

        kept = Math.Min(digits, MaxKeptDigits);
        for (var i = kept; i < MaxKeptDigits; i++)
            fraction *= 10;
        rest = rest[(digits + 1)..];
        return digits > 0;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> rest, bool isOptional, out int minutes)
    {
        minutes = 0;
        if (rest.IsEmpty)
            return isOptional;
        if (rest.Length == 1)
            return rest[0] is (byte)'Z' or (byte)'z';
        if (rest.Length != 6 || rest[3] != ':' || rest[0] is not ((byte)'+' or (byte)'-'))
            return false;
        var hour = TwoDigits(rest, 1);
        var minute = TwoDigits(rest, 4);
        if (hour is < 0 or > 23 || minute is < 0 or > 59)
            return false;
        minutes = ((hour * 60) + minute) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>Leap seconds come at the end of a UTC day only.</summary>
    private static bool TryFoldLeapSecond(ref long ticks, ref int fractionDigits)
    {
        var minuteOfDay = ticks % TimeSpan.TicksPerDay / TimeSpan.TicksPerMinute;
        ticks -= ticks % TimeSpan.TicksPerSecond;
        ticks += TimeSpan.TicksPerSecond - 1;
        fractionDigits = MaxKeptDigits;
        return minuteOfDay == (24 * 60) - 1;
    }
}
