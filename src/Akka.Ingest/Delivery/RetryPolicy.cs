namespace Akka.Ingest.Delivery;

using Akka.Ingest.Storage;

/// <summary>What to do after a failed write.</summary>
/// <param name="Pause">How long to wait before the next attempt; null = give up repeating and isolate the poison events.</param>
/// <param name="IsAlarm">The trouble has lasted so long that an operator should look.</param>
internal readonly record struct RetryDecision(TimeSpan? Pause, bool IsAlarm);

/// <summary>Decides how a failed write goes on: pure but for the jitter, which comes from the given <see cref="Random"/>.</summary>
/// <remarks>
/// An outage is not a poison event: transient and throttled failures are repeated for as long as they last. Only failures
/// about the data count towards <c>MaxWriteRetries</c>.
/// </remarks>
internal sealed class RetryPolicy(TimeSpan firstPause, TimeSpan maxPause, int maxWriteRetries, Random random)
{
    /// <summary>A store that asks to slow down is left alone this many times longer.</summary>
    public const int ThrottledFactor = 5;

    public static readonly TimeSpan AlarmAfter = TimeSpan.FromMinutes(1);

    /// <param name="attempt">Failures of this kind in a row, this one included; from 1.</param>
    /// <param name="kind">What the store said.</param>
    /// <param name="elapsed">Time since the first failure of the row.</param>
    public RetryDecision Decide(int attempt, StoreFailureKind kind, TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        if (kind == StoreFailureKind.Permanent && attempt > maxWriteRetries)
            return new RetryDecision(null, IsAlarm: false);
        var first = kind == StoreFailureKind.Throttled ? firstPause * ThrottledFactor : firstPause;
        return new RetryDecision(Backoff(first, attempt), elapsed >= AlarmAfter);
    }

    /// <summary>Doubles with each attempt up to the limit, then takes between half and all of it, so that writers spread out.</summary>
    private TimeSpan Backoff(TimeSpan first, int attempt)
    {
        var doublings = Math.Min(attempt - 1, 30);
        var ticks = Math.Min(first.Ticks * Math.Pow(2, doublings), maxPause.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (0.5 + (random.NextDouble() / 2))));
    }
}
