namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data.Common;
using Akka.Ingest.Model;

/// <summary>Reads columns that several statements give.</summary>
internal static class SqlServerRows
{
    /// <summary>
    /// Five columns from <paramref name="column"/>: how many partitions of the spool are known, then the position. Null for a spool never
    /// seen; the start for a partition that nothing was written of.
    /// </summary>
    public static StoredPosition? Position(DbDataReader row, int column)
    {
        if (row.GetInt32(column) == 0)
            return null;
        return row.IsDBNull(column + 1)
            ? StoredPosition.Start
            : new StoredPosition(
                new SpoolOffset(row.GetInt64(column + 1), row.GetInt32(column + 2)), row.GetInt64(column + 3), unchecked((ulong)row.GetInt64(column + 4)));
    }

    public static byte[] Bytes(DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static Guid Spool(DbDataReader row, int column) => new(Bytes(row, column), bigEndian: true);
}
