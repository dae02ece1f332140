namespace Akka.Ingest.Delivery;

/// <summary>Which events are dead letters, for receipts and for delivery itself.</summary>
public interface IDeadLetterIndex
{
    /// <summary>Dead letters of a partition with ordinals from <paramref name="fromOrdinal"/> up to, not including, <paramref name="toOrdinal"/>.</summary>
    /// <exception cref="IOException">The dead-letter files cannot be read.</exception>
    long Count(Guid spoolId, int partition, long fromOrdinal, long toOrdinal);
}
