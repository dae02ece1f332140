namespace Akka.Ingest.Tests.Operations;

using Akka.Ingest.Operations;
using Xunit;

public sealed class DiskForecastTests
{
    private static readonly DateTime Start = new(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);
    private readonly DiskForecast _forecast = new();

    [Fact]
    public void Nothing_is_known_before_a_minute_has_passed()
    {
        Assert.Null(_forecast.SecondsUntilFull());
        Add(0, 1_000);
        Assert.Null(_forecast.SecondsUntilFull());
        Add(59, 500);
        Assert.Null(_forecast.SecondsUntilFull());
        Add(60, 400);
        Assert.Equal(40, _forecast.SecondsUntilFull());
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2_000)]
    public void A_disk_that_does_not_fill_has_no_end(long free)
    {
        Add(0, 1_000);
        Add(120, free);
        Assert.Null(_forecast.SecondsUntilFull());
    }

    [Fact]
    public void The_rate_is_that_of_the_last_ten_minutes()
    {
        Add(0, 1_000_000);
        Add(300, 10_000);
        Add(901, 9_000);
        Assert.Null(_forecast.SecondsUntilFull());
        Add(961, 8_940);
        Assert.Equal(8_940, _forecast.SecondsUntilFull());
    }

    [Fact]
    public void A_full_disk_is_full_now()
    {
        Add(0, 100);
        Add(60, 0);
        Assert.Equal(0, _forecast.SecondsUntilFull());
    }

    private void Add(int seconds, long free) => _forecast.Add(Start.AddSeconds(seconds), free);
}
