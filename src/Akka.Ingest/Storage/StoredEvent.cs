namespace Akka.Ingest.Storage;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>An event as a query returns it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="ReceivedAt">When its request was received, UTC.</param>
/// <param name="ApiKeyId">Which key sent it; empty for none.</param>
/// <param name="Record">The encoded event, see <see cref="EventRecord"/>.</param>
public sealed record StoredEvent(EventId Id, DateTime ReceivedAt, string ApiKeyId, ReadOnlyMemory<byte> Record);

/// <param name="Events">At most the plan's limit, in the plan's order.</param>
/// <param name="NextCursor">Text for the next page; null on the last.</param>
/// <param name="ScannedEvents">Rows looked at to fill the page.</param>
/// <param name="Indexes">Names of the indexes used.</param>
/// <param name="FollowCursor">With <see cref="LogOrder.Received"/>: where to look for what comes later, also on the last page and without a match.</param>
public sealed record LogPage(
    IReadOnlyList<StoredEvent> Events,
    string? NextCursor,
    long ScannedEvents,
    IReadOnlyList<string> Indexes,
    string? FollowCursor = null);

public sealed record LogHistogram(IReadOnlyList<LogHistogramBucket> Buckets);

/// <param name="From">Inclusive, UTC.</param>
/// <param name="To">Exclusive, UTC.</param>
/// <param name="BySeverity">Counts, indexed by <see cref="Severity"/>; six numbers.</param>
public sealed record LogHistogramBucket(DateTime From, DateTime To, IReadOnlyList<long> BySeverity);
