namespace Akka.Ingest.Delivery;

using Akka.Ingest.Storage;

/// <summary>The failures of one operation so far: counts what <see cref="RetryPolicy"/> decides by.</summary>
internal sealed class RetryRow(RetryPolicy policy, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _outages;

    /// <summary>Failures about the data.</summary>
    public int Refusals { get; private set; }

    /// <summary>Failures of any kind.</summary>
    public int Attempts => _outages + Refusals;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public RetryDecision Failed(StoreFailureKind kind)
    {
        var attempt = kind == StoreFailureKind.Permanent ? ++Refusals : ++_outages;
        return policy.Decide(attempt, kind, Elapsed);
    }
}
