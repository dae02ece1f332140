namespace Akka.Ingest.Stores.Sql;

using System.Data.Common;

/// <summary>Reads byte columns into a buffer that is used again: no array for each field of each row.</summary>
internal sealed class SqlBytes
{
    private byte[] _buffer = new byte[1024];

    /// <summary>The bytes of a column that is not NULL; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(DbDataReader row, int column)
    {
        var length = (int)row.GetBytes(column, 0, null, 0, 0);
        if (length > _buffer.Length)
            _buffer = new byte[Math.Max(length, _buffer.Length * 2)];
        return length == 0 ? [] : _buffer.AsSpan(0, (int)row.GetBytes(column, 0, _buffer, 0, length));
    }
}
