namespace Akka.Ingest.Http;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>What became of the events of a receipt. Pure.</summary>
/// <param name="State"><c>journaled</c>, <c>stored</c> or <c>deadLettered</c>; <c>expired</c> only after the store was asked.</param>
/// <param name="Accepted">Events of the request.</param>
/// <param name="Stored">How many are in the store.</param>
/// <param name="DeadLettered">How many are dead letters.</param>
internal sealed record ReceiptState(string State, long Accepted, long Stored, long DeadLettered)
{
    public const string IsStored = "stored";
    public const string IsExpired = "expired";

    /// <summary>Null for a receipt that this spool never gave.</summary>
    public static ReceiptState? Of(Receipt receipt, IReadOnlyList<SpoolProtocol.SpoolStatus> partitions, IDeadLetterIndex deadLetters)
    {
        var partition = partitions.FirstOrDefault(status => status.Partition == receipt.Partition);
        var end = receipt.FirstOrdinal + receipt.Accepted;
        if (partition is null || end > partition.HeadOrdinal)
            return null;
        var history = partition.EarlierSpoolIds.IsDefault ? [] : partition.EarlierSpoolIds;
        var origin = -1;
        for (var i = 0; i < history.Length && origin < 0; i++)
        {
            if (history[i].SpoolId == receipt.SpoolId)
                origin = i;
        }

        if (origin < 0)
        {
            if (partition.SpoolId != receipt.SpoolId)
                return null;
            origin = history.Length;
        }

        var settled = Math.Clamp(partition.Stored.Ordinal - receipt.FirstOrdinal, 0, receipt.Accepted);
        var dead = CountDeadLetters(receipt.Partition, receipt.FirstOrdinal, receipt.FirstOrdinal + settled);
        var state = settled < receipt.Accepted ? "journaled" : dead > 0 ? "deadLettered" : IsStored;
        return new ReceiptState(state, receipt.Accepted, settled - dead, dead);

        // Events not settled when the spool took a new id were delivered under that one.
        long CountDeadLetters(int number, long from, long to)
        {
            long count = 0;
            for (var i = origin; i < history.Length && from < to; i++)
            {
                var until = Math.Min(to, history[i].EndOrdinal);
                if (until > from)
                    count += deadLetters.Count(history[i].SpoolId, number, from, until);
                from = Math.Max(from, until);
            }

            return from < to ? count + deadLetters.Count(partition.SpoolId, number, from, to) : count;
        }
    }
}
