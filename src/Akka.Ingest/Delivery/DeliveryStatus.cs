namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;

/// <summary>What the delivery of a partition is doing.</summary>
public enum DeliveryState
{
    /// <summary>Finding out where the store stands.</summary>
    Starting,

    /// <summary>Waiting for events.</summary>
    Reading,

    /// <summary>A store write is under way.</summary>
    Writing,

    /// <summary>Something failed; waiting to try again.</summary>
    Retrying,

    Stopped,
}

/// <param name="Partition">Spool partition.</param>
/// <param name="State">What it is doing.</param>
/// <param name="SpoolId">Under which id it delivers; empty before the first reconciliation.</param>
/// <param name="Stored">Where the store stands; the start before the first reconciliation.</param>
/// <param name="Retries">Attempts repeated since the process started.</param>
/// <param name="Restarts">How often delivery had to start over since the process started.</param>
/// <param name="LastError">Text of the last failure, kept after it is over; null for none.</param>
/// <param name="LastErrorAt">When it was, UTC.</param>
/// <param name="LastWriteDuration">Of the last successful store write.</param>
public sealed record DeliverySnapshot(
    int Partition,
    DeliveryState State,
    Guid SpoolId,
    StoredPosition Stored,
    long Retries,
    long Restarts,
    string? LastError,
    DateTime? LastErrorAt,
    TimeSpan LastWriteDuration);

/// <summary>
/// The state of one partition's delivery, for diagnostics. Written by delivery alone, read by anyone without a lock.
/// </summary>
public sealed class DeliveryStatus(int partition)
{
    private DeliverySnapshot _current =
        new(partition, DeliveryState.Starting, Guid.Empty, StoredPosition.Start, 0, 0, null, null, TimeSpan.Zero);

    public DeliverySnapshot Current => Volatile.Read(ref _current);

    /// <summary>Swaps in a changed snapshot; a race with another change is repeated, so none is lost.</summary>
    internal void Change(Func<DeliverySnapshot, DeliverySnapshot> change)
    {
        while (true)
        {
            var before = Current;
            if (ReferenceEquals(Interlocked.CompareExchange(ref _current, change(before), before), before))
                return;
        }
    }

    internal void Enter(DeliveryState state)
    {
        if (Current.State != state)
            Change(snapshot => snapshot with { State = state });
    }

    internal void Failed(string error, DateTime at) =>
        Change(snapshot => snapshot with { State = DeliveryState.Retrying, LastError = error, LastErrorAt = at });
}
