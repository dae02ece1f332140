namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Storage;
using CsCheck;
using Xunit;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(30);

    private static RetryPolicy Policy(int seed = 1) => new(First, Cap, maxWriteRetries: 3, new Random(seed));

    [Fact]
    public void Outages_are_retried_for_ever_with_pauses_between_half_and_all_of_the_doubled_one() =>
        Gen.Select(Gen.Int[1, 100_000], Gen.Int, Gen.OneOf(StoreFailureKind.Transient, StoreFailureKind.Throttled)).Sample((attempt, seed, kind) =>
        {
            var first = kind == StoreFailureKind.Throttled ? First * RetryPolicy.ThrottledFactor : First;
            var whole = Math.Min(first.TotalSeconds * Math.Pow(2, attempt - 1), Cap.TotalSeconds);
            var pause = Policy(seed).Decide(attempt, kind, TimeSpan.FromDays(2)).Pause!.Value.TotalSeconds;
            return pause >= (whole / 2) - 0.001 && pause <= whole + 0.001;
        });

    [Fact]
    public void Refused_data_is_repeated_as_often_as_configured_and_then_given_up()
    {
        var pauses = Enumerable.Range(1, 5).Select(attempt => Policy().Decide(attempt, StoreFailureKind.Permanent, TimeSpan.Zero).Pause is not null);
        Assert.Equal([true, true, true, false, false], pauses);
    }

    [Fact]
    public void An_outage_becomes_an_alarm_after_a_minute()
    {
        Assert.False(Policy().Decide(9, StoreFailureKind.Transient, TimeSpan.FromSeconds(59)).IsAlarm);
        Assert.True(Policy().Decide(9, StoreFailureKind.Transient, TimeSpan.FromSeconds(60)).IsAlarm);
    }

    [Fact]
    public void Two_writers_do_not_come_back_at_the_same_moment() =>
        Assert.NotEqual(
            Policy(1).Decide(5, StoreFailureKind.Transient, TimeSpan.Zero).Pause,
            Policy(2).Decide(5, StoreFailureKind.Transient, TimeSpan.Zero).Pause);
}
