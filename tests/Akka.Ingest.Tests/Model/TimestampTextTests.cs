namespace Akka.Ingest.Tests.Model;

using System.Text;
using Akka.Ingest.Model;
using CsCheck;
using Xunit;

public class TimestampTextTests
{
    [Theory]
    [InlineData("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z")]
    [InlineData("2026-11-24t08:00:00.1z", "2026-11-24T08:00:00.1Z")]
    [InlineData("2026-11-24 08:00:00.1234567-00:00", "2026-11-24T08:00:00.1234567Z")]
    [InlineData("2026-11-24T08:00:00.123456789123Z", "2026-11-24T08:00:00.1234567Z")]
    [InlineData("2026-11-24T08:00:00.100+05:30", "2026-11-24T02:30:00.100Z")]
    [InlineData("2026-11-24T23:30:00-23:59", "2026-11-25T23:29:00Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999999Z")]
    [InlineData("2016-12-31T15:59:60.5-08:00", "2016-12-31T23:59:59.9999999Z")]
    public void Rfc_3339_dates_are_read_with_their_digits(string text, string expected)
    {
        Assert.True(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), false, out var ticks, out var digits));
        Assert.Equal(expected, Encoding.UTF8.GetString(EventJson.FormatTimestamp(ticks, digits, new byte[32])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-11-24")]
    [InlineData("2026-11-24T08:00Z")]
    [InlineData("2026-11-24T08:00:00")]
    [InlineData("2026-11-24T08:00:00.Z")]
    [InlineData("2026-11-24T08:00:00,5Z")]
    [InlineData("2026-11-24T24:00:00Z")]
    [InlineData("2026-11-24T08:60:00Z")]
    [InlineData("2026-11-24T08:00:60Z")]
    [InlineData("2026-11-24T08:00:61Z")]
    [InlineData("2026-11-31T08:00:00Z")]
    [InlineData("2026-02-29T08:00:00Z")]
    [InlineData("2026-13-01T08:00:00Z")]
    [InlineData("2026-00-01T08:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("2026-11-24T08:00:00+0100")]
    [InlineData("2026-11-24T08:00:00+24:00")]
    [InlineData("2026-11-24T08:00:00Z ")]
    [InlineData("20２6-11-24T08:00:00Z")]
    [InlineData("-026-11-24T08:00:00Z")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), false, out _, out _));
    }

    [Fact]
    public void Every_date_that_dotnet_writes_is_read_back()
    {
        Gen.DateTimeOffset.Select(Gen.Int[0, 7]).Sample((date, digits) =>
        {
            var format = "yyyy-MM-ddTHH:mm:ss" + (digits == 0 ? "" : "." + new string('f', digits)) + "zzz";
            var text = date.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
            var expected = DateTimeOffset.ParseExact(text, format, System.Globalization.CultureInfo.InvariantCulture).UtcTicks;
            return TimestampText.TryParse(Encoding.UTF8.GetBytes(text), false, out var ticks, out var kept)
                && ticks == expected && kept == digits;
        }, iter: 2_000);
    }
}
