namespace Akka.Ingest.Http;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;

/// <summary>Tells whether retention has removed all that was stored of a receipt.</summary>
internal sealed class ReceiptExpiry(ILogStore store, IDeadLetterIndex deadLetters)
{
    /// <summary>
    /// The events of a request arrive together and the oldest go first, so as long as one is there it is one of the last. A few are
    /// tried, for one may be damaged.
    /// </summary>
    private const int Probes = 3;

    /// <summary>False while the store does not answer: nothing is known then.</summary>
    public async Task<bool> IsExpiredAsync(Receipt receipt, SpoolProtocol.SpoolStatus partition, CancellationToken cancellationToken)
    {
        try
        {
            var probed = 0;
            for (var ordinal = receipt.FirstOrdinal + receipt.Accepted - 1; ordinal >= receipt.FirstOrdinal && probed < Probes; ordinal--)
            {
                var ids = SpoolIds(receipt, partition, ordinal).ToArray();
                if (ids.Any(id => deadLetters.Count(id, receipt.Partition, ordinal, ordinal + 1) > 0))
                    continue;
                probed++;
                foreach (var id in ids)
                {
                    if (await store.FindAsync(new EventId(id, receipt.Partition, ordinal), cancellationToken) is not null)
                        return false;
                }
            }

            // Not there could also mean a store restored from an older copy; only one that removed something has expired events.
            return probed > 0 && (await store.ReadCountsAsync(cancellationToken)).Any(row => row.Expired > 0 && SpoolIds(receipt, partition, receipt.FirstOrdinal).Contains(row.SpoolId));
        }
        catch (StoreException)
        {
            return false;
        }
    }

    /// <summary>The spool ids under which the event may have been stored: that of the receipt, and those the spool took before it was settled.</summary>
    private static IEnumerable<Guid> SpoolIds(Receipt receipt, SpoolProtocol.SpoolStatus partition, long ordinal)
    {
        var earlier = partition.EarlierSpoolIds.IsDefault ? [] : partition.EarlierSpoolIds;
        return earlier.Where(id => id.SpoolId == receipt.SpoolId || id.EndOrdinal > ordinal).Select(id => id.SpoolId).Append(partition.SpoolId);
    }
}
