namespace Akka.Ingest.Stores.Sql;

using Akka.Ingest.Model;

/// <summary>
/// Partition and ordinal of an event as one integer: bits 48 to 53 the partition, bits 0 to 47 the ordinal. Beside the spool id, whose
/// bytes the database compares first, its order is the order of id texts.
/// </summary>
internal static class SqlEventId
{
    public static long Pack(int partition, long ordinal) => ((long)partition << 48) | ordinal;

    public static long Pack(EventId id) => Pack(id.Partition, id.Ordinal);

    public static int Partition(long packed) => (int)(packed >> 48) & 63;

    public static long Ordinal(long packed) => packed & EventId.MaxOrdinal;

    public static EventId Unpack(Guid spoolId, long packed) => new(spoolId, Partition(packed), Ordinal(packed));
}
