namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;

/// <summary>Where the events of a run go.</summary>
internal enum RunKind : byte
{
    /// <summary>To the store.</summary>
    Store,

    /// <summary>To the dead letters: refused at accept.</summary>
    Rejected,

    /// <summary>Nowhere: they already are in the dead letters and only the offset has to pass them.</summary>
    DeadLettered,
}

/// <summary>Consecutive events of one request of one entry that lie back to back in one expanded chunk and go the same way.</summary>
/// <param name="Source">The entry they are part of.</param>
/// <param name="Request">The request they came with.</param>
/// <param name="FirstIndex">Index in the entry of the first.</param>
/// <param name="Count">At least 1.</param>
/// <param name="Records">Encoded records; valid as long as the chunk is held.</param>
/// <param name="Kind">Where they go.</param>
internal readonly record struct EventRun(
    SequencedEntry Source,
    SpooledRequest Request,
    int FirstIndex,
    int Count,
    ReadOnlyMemory<byte> Records,
    RunKind Kind)
{
    public long FirstOrdinal => Source.Entry.FirstOrdinal + FirstIndex;

    /// <summary>The position at which the first event is the next to be settled.</summary>
    public StoredPosition Start => PositionAt(FirstIndex);

    /// <summary>The position once all of the run is settled.</summary>
    public StoredPosition End => PositionAt(FirstIndex + Count);

    public StoreSlice ToSlice() => new(Records, Count, FirstOrdinal, Request.ReceivedAt, Request.ApiKeyId);

    /// <summary>How many events from the start fit into both limits.</summary>
    public int CountFitting(int maxEvents, int maxBytes)
    {
        var records = Records.Span;
        var count = 0;
        var bytes = 0;
        while (count < Count && count < maxEvents)
        {
            bytes += EventRecord.PeekLength(records[bytes..]);
            if (bytes > maxBytes)
                break;
            count++;
        }

        return count;
    }

    /// <summary>The first <paramref name="count"/> events and the rest; both have at least one.</summary>
    public (EventRun Head, EventRun Tail) Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, Count);
        var records = Records.Span;
        var bytes = 0;
        for (var i = 0; i < count; i++)
            bytes += EventRecord.PeekLength(records[bytes..]);
        return (this with { Count = count, Records = Records[..bytes] },
            this with { FirstIndex = FirstIndex + count, Count = Count - count, Records = Records[bytes..] });
    }

    private StoredPosition PositionAt(int index) =>
        new(new SpoolOffset(Source.Sequence, index), Source.Entry.FirstOrdinal + index, Source.Entry.Checksum);
}
