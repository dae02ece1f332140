namespace Akka.Ingest.Delivery;

/// <summary>How many events of a range went to the dead letters.</summary>
public interface IDeadLetterIndex
{
    /// <param name="fromOrdinal">Inclusive.</param>
    /// <param name="toOrdinal">Exclusive.</param>
    long Count(Guid spoolId, int partition, long fromOrdinal, long toOrdinal);
}
