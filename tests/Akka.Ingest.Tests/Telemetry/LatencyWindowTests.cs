namespace Akka.Ingest.Tests.Telemetry;

using Akka.Ingest.Telemetry;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class LatencyWindowTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Nothing_recorded_is_nothing_known() => Assert.Equal(default, new LatencyWindow(_time).Read());

    [Fact]
    public void Percentiles_are_right_to_a_sixteenth() =>
        Gen.Int[1, 200_000_000].Array[1, 300].Sample(micros =>
        {
            var window = new LatencyWindow(_time);
            foreach (var value in micros)
                window.Record(TimeSpan.FromMicroseconds(value));
            var sorted = micros.Order().ToArray();
            var read = window.Read();
            Assert.Equal(micros.Length, read.Count);
            foreach (var (share, percentile) in new[] { (0.50, read.P50), (0.95, read.P95), (0.99, read.P99) })
            {
                var exact = sorted[(int)Math.Ceiling(sorted.Length * share) - 1];
                Assert.InRange(percentile.TotalMicroseconds, exact * 15.0 / 16, exact * 17.0 / 16);
            }
        });

    [Fact]
    public void What_is_older_than_the_window_is_forgotten()
    {
        var window = new LatencyWindow(_time);
        window.Record(TimeSpan.FromSeconds(1));
        _time.Advance(LatencyWindow.SlotLength * 5);
        window.Record(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, window.Read().Count);

        _time.Advance(LatencyWindow.SlotLength * 6);

        Assert.Equal(1, window.Read().Count);
        Assert.InRange(window.Read().P99.TotalMilliseconds, 0.9, 1.1);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, window.Read().Count);
        window.Record(TimeSpan.FromMilliseconds(2));
        Assert.Equal(1, window.Read().Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Impossible_durations_are_counted_at_the_ends(long ticks)
    {
        var window = new LatencyWindow(_time);
        window.Record(new TimeSpan(ticks));
        Assert.Equal(1, window.Read().Count);
        Assert.True(window.Read().P50 >= TimeSpan.Zero);
    }

    [Fact]
    public async Task Recording_from_many_threads_loses_nothing()
    {
        var window = new LatencyWindow(_time);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                window.Record(TimeSpan.FromMicroseconds(i));
        })));
        Assert.Equal(80_000, window.Read().Count);
    }
}
