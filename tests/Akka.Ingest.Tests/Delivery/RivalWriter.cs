namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;

/// <summary>
/// Another owner of the partition, as after a network split: now and then it stores the first part of what the writer is about
/// to store, and moves the position as a proper writer does.
/// </summary>
internal sealed class RivalWriter(InMemoryLogStore store, IReadOnlyList<SequencedEntry> entries, int everyAppend, Func<long, bool> isPoison)
{
    private int _appends;

    public int Wins { get; private set; }

    public async Task MeddleAsync(StoreBatch batch)
    {
        if (++_appends % everyAppend != 0 || batch.Slices.Count == 0)
            return;
        var slice = batch.Slices[0];
        var count = (slice.Count + 1) / 2;
        if (Enumerable.Range(0, count).Any(i => isPoison(slice.FirstOrdinal + i)))
            return;
        var bytes = 0;
        for (var i = 0; i < count; i++)
            bytes += EventRecord.PeekLength(slice.Records.Span[bytes..]);
        var result = await store.AppendAsync(
            new StoreBatch
            {
                SpoolId = batch.SpoolId,
                Partition = batch.Partition,
                Expected = batch.Expected,
                Next = PositionAt(slice.FirstOrdinal + count),
                Slices = [slice with { Records = slice.Records[..bytes], Count = count }],
            },
            CancellationToken.None);
        if (result is StoreAppendResult.Appended)
            Wins++;
    }

    /// <summary>The position at which the event is the next to be settled, in the entry of the event before.</summary>
    private StoredPosition PositionAt(long ordinal)
    {
        var (sequence, entry) = entries.Last(candidate => candidate.Entry.FirstOrdinal < ordinal);
        return new StoredPosition(new SpoolOffset(sequence, (int)(ordinal - entry.FirstOrdinal)), ordinal, entry.Checksum);
    }
}
