namespace Akka.Ingest.Tests.Storage;

using Akka.Ingest.Storage;
using CsCheck;
using Xunit;

public sealed class RetentionPlannerTests
{
    private static readonly DateOnly Today = new(2026, 11, 24);

    [Fact]
    public void Without_limits_nothing_goes() => Assert.Empty(Plan(null, null, Day(400, 10, 100), Day(0, 10, 100)));

    [Theory]
    [InlineData(1, new[] { 3, 2 })]
    [InlineData(2, new[] { 3 })]
    [InlineData(3, new int[0])]
    public void A_day_goes_once_its_last_event_is_old_enough(int maxAgeDays, int[] daysAgo) =>
        Assert.Equal(
            daysAgo.Select(ago => new RetentionStep(Today.AddDays(-ago), 10, 100, true, RetentionReason.Age)),
            Plan(maxAgeDays, null, Day(3, 10, 100), Day(2, 10, 100), Day(1, 10, 100), Day(0, 10, 100)));

    [Fact]
    public void Days_that_lie_in_the_future_are_not_old() => Assert.Empty(Plan(1, null, Day(-3, 10, 100)));

    [Fact]
    public void The_oldest_days_go_whole_until_the_rest_fits() =>
        Assert.Equal(
            [new RetentionStep(Today.AddDays(-3), 10, 100, true, RetentionReason.Size), new RetentionStep(Today.AddDays(-2), 10, 200, true, RetentionReason.Size)],
            Plan(null, 150, Day(3, 10, 100), Day(2, 10, 200), Day(1, 10, 100), Day(0, 1, 50)));

    [Fact]
    public void Exactly_the_limit_fits() => Assert.Empty(Plan(null, 150, Day(1, 10, 100), Day(0, 1, 50)));

    [Theory]
    [InlineData(1_000, 900, 100)]
    [InlineData(1_000, 999, 1)]
    [InlineData(1_000, 1, 999)]
    [InlineData(3, 2_999, 1)]
    public void Of_the_last_day_only_the_oldest_part_goes(long events, long maxBytes, long expected)
    {
        var step = Assert.Single(Plan(null, maxBytes, Day(0, events, events > 3 ? 1_000 : 3_000)));

        Assert.Equal((Today, expected, false, RetentionReason.Size), (step.Day, step.Events, step.IsWholeDay, step.Reason));
        Assert.Equal(new ExpireRequest(Today, expected), step.ToRequest());
    }

    [Fact]
    public void Age_is_asked_first_and_what_it_frees_counts()
    {
        var steps = Plan(1, 100, Day(5, 10, 1_000), Day(1, 10, 60), Day(0, 10, 60));

        Assert.Equal([RetentionReason.Age, RetentionReason.Size], steps.Select(step => step.Reason));
        Assert.Equal([5, 1], steps.Select(step => Today.DayNumber - step.Day.DayNumber));
        Assert.True(steps[0].ToRequest().IsWholeDay);
    }

    [Fact]
    public void What_is_left_always_fits_and_no_more_days_go_than_needed() =>
        Gen.Select(Gen.Long[1, 1_000].Array[1, 12], Gen.Long[1, 5_000]).Sample((sizes, maxBytes) =>
        {
            var days = sizes.Select((bytes, at) => Day(sizes.Length - at, 50, bytes)).ToArray();
            var steps = Plan(null, maxBytes, days);
            var left = sizes.Sum() - steps.Sum(step => step.Bytes);
            Assert.True(left <= maxBytes);
            Assert.True(steps.Count == 0 || left + steps[^1].Bytes > maxBytes);
            Assert.Equal(days.Take(steps.Count).Select(day => day.Day), steps.Select(step => step.Day));
        });

    private static StoredDay Day(int ago, long events, long bytes) => new(Today.AddDays(-ago), events, bytes, 0, 0);

    private static IReadOnlyList<RetentionStep> Plan(int? maxAgeDays, long? maxSizeBytes, params StoredDay[] days) =>
        RetentionPlanner.Plan(days, new RetentionPolicy(maxAgeDays, maxSizeBytes), Today);
}
