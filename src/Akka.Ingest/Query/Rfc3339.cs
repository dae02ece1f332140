namespace Akka.Ingest.Query;

using System.Globalization;
using System.Text;
using Akka.Ingest.Model;

/// <summary>Times in query parameters, filters and answers: read as those of events are, see <see cref="TimestampText"/>.</summary>
internal static class Rfc3339
{
    private const int OffsetLength = 6;

    /// <summary>
    /// Reads a time; false for anything RFC 3339 does not allow. A space before the offset is read as <c>+</c>, which is what a plus
    /// sign that was not percent-encoded becomes in a query string.
    /// </summary>
    public static bool TryParse(string text, out long ticks)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length > OffsetLength && utf8[^OffsetLength] == ' ')
            utf8[^OffsetLength] = (byte)'+';
        return TimestampText.TryParse(utf8, offsetIsOptional: false, out ticks, out _);
    }

    public static string Format(long ticks) =>
        new DateTime(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
