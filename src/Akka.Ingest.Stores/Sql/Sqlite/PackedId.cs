namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;

/// <summary>
/// An event id as one integer: bits 54 to 62 the spool's number in table Spools, bits 48 to 53 the partition, bits 0 to 47 the
/// ordinal. Its order is the order of ids, with spools in the order in which the store met them.
/// </summary>
internal static class PackedId
{
    public const int MaxSpools = 1 << 9;

    public static long Pack(int spoolNumber, int partition, long ordinal) => ((long)spoolNumber << 54) | ((long)partition << 48) | ordinal;

    public static int SpoolNumber(long packed) => (int)(packed >> 54);

    public static EventId Unpack(long packed, Guid spoolId) => new(spoolId, (int)(packed >> 48) & 63, packed & EventId.MaxOrdinal);
}
