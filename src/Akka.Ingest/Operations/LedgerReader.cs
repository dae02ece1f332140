namespace Akka.Ingest.Operations;

using Akka.Ingest.Delivery;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;

/// <summary>One row of the ledger: where the accepted events of a key are.</summary>
/// <param name="ApiKeyId">Empty for events that came without a key.</param>
/// <param name="Accepted">Events acknowledged since the spool was made, dead letters included.</param>
/// <param name="Stored">In the store now.</param>
/// <param name="DeadLettered">In the dead letters now.</param>
/// <param name="Expired">Removed by retention, from the store or from the dead letters.</param>
/// <param name="InFlight">Accepted and in none of the others.</param>
/// <param name="IsBalanced">False where events are missing or are there twice.</param>
internal sealed record LedgerRow(string ApiKeyId, long Accepted, long Stored, long DeadLettered, long Expired, long InFlight, bool IsBalanced);

/// <param name="At">UTC.</param>
/// <param name="Keys">By key id.</param>
/// <param name="Total">Of all keys.</param>
/// <param name="Others">Events of spools that this one does not know, as after a fresh journal was put before an older store.</param>
internal sealed record Ledger(DateTime At, IReadOnlyList<LedgerRow> Keys, LedgerRow Total, StoredCounts Others);

/// <summary>
/// Adds up what spool, store and dead letters count, each for itself and durably. They are read one after the other while events move, so
/// the spool is asked before and after, and a row is balanced when the numbers are possible between the two answers. At rest they
/// are the same, and balanced means exact.
/// </summary>
internal sealed class LedgerReader(ILogIngestionQueue queue, ILogStore store, IDeadLetterRetention deadLetters, TimeProvider time)
{
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="IOException">The dead letters cannot be read.</exception>
    public async Task<Ledger> ReadAsync(CancellationToken cancellationToken)
    {
        var before = await queue.GetStatusAsync(cancellationToken);
        var stored = await store.ReadCountsAsync(cancellationToken);
        var letters = deadLetters.ReadCounts();
        var after = await queue.GetStatusAsync(cancellationToken);

        var own = after.SelectMany(SpoolIds).ToHashSet();
        var settled = stored.Where(row => own.Contains(row.SpoolId))
            .Select(row => (row.ApiKeyId, row.Stored, DeadLettered: 0L, row.Expired))
            .Concat(letters.Where(row => own.Contains(row.SpoolId)).Select(row => (row.ApiKeyId, Stored: 0L, DeadLettered: row.Kept, row.Expired)))
            .ToLookup(row => row.ApiKeyId, StringComparer.Ordinal);

        // What was unsettled at the first answer and what has come since may be anywhere.
        var slack = before.Sum(status => status.Backlog) + Accepted(after).Values.Sum() - Accepted(before).Values.Sum();
        var accepted = Accepted(after);
        var rows = accepted.Keys.Union(settled.Select(group => group.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(key => Row(
                key, accepted.GetValueOrDefault(key), settled[key].Sum(row => row.Stored), settled[key].Sum(row => row.DeadLettered), settled[key].Sum(row => row.Expired), slack))
            .ToArray();
        var total = Row(
            "", rows.Sum(row => row.Accepted), rows.Sum(row => row.Stored), rows.Sum(row => row.DeadLettered), rows.Sum(row => row.Expired), slack);
        var others = stored.Where(row => !own.Contains(row.SpoolId)).ToArray();
        return new Ledger(
            time.GetUtcNow().UtcDateTime, rows, total, new StoredCounts(Guid.Empty, "", others.Sum(row => row.Stored), others.Sum(row => row.Expired)));
    }

    private static LedgerRow Row(string apiKeyId, long accepted, long stored, long deadLettered, long expired, long slack)
    {
        var missing = accepted - stored - deadLettered - expired;
        return new LedgerRow(apiKeyId, accepted, stored, deadLettered, expired, Math.Max(0, missing), missing >= 0 && missing <= slack);
    }

    private static Dictionary<string, long> Accepted(IReadOnlyList<SpoolProtocol.SpoolStatus> partitions) => partitions
        .SelectMany(status => status.Accepted)
        .GroupBy(pair => pair.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value.Events), StringComparer.Ordinal);

    private static IEnumerable<Guid> SpoolIds(SpoolProtocol.SpoolStatus status) =>
        status.EarlierSpoolIds.IsDefault ? [status.SpoolId] : status.EarlierSpoolIds.Select(earlier => earlier.SpoolId).Append(status.SpoolId);
}
