namespace Akka.Ingest.Stores.Segmented.Sealing;

using ParquetSharp;

/// <summary>The values of a text column of one row group, copied out of the Parquet reader.</summary>
internal sealed class TextColumn
{
    private const int BatchRows = 4096;
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private byte[] _bytes;

    public TextColumn(ColumnReader<ByteArray> reader, int rows, bool isOptional)
    {
        _starts = new int[rows];
        _lengths = new int[rows];
        _bytes = new byte[rows * 16];
        var values = new ByteArray[Math.Min(rows, BatchRows)];
        var present = isOptional ? new short[values.Length] : [];
        var length = 0;
        var last = default(ByteArray);
        var lastStart = 0;
        for (var row = 0; row < rows;)
        {
            var read = (int)reader.ReadBatch(Math.Min(values.Length, rows - row), present, [], values, out _);
            if (read == 0)
                throw new InvalidDataException("A column has fewer values than its row group has rows.");
            var next = 0;
            for (var i = 0; i < read; i++, row++)
            {
                if (isOptional && present[i] == 0)
                {
                    _lengths[row] = -1;
                    continue;
                }

                var value = values[next++];

                // A value from the dictionary is copied once for a run of rows.
                if (value.Pointer != last.Pointer || value.Length != last.Length || row == 0)
                {
                    lastStart = length;
                    length = Append(NativeBytes.Span(value), length);
                    last = value;
                }

                _starts[row] = lastStart;
                _lengths[row] = value.Length;
            }
        }
    }

    public bool Has(int row) => _lengths[row] >= 0;

    public ReadOnlySpan<byte> this[int row] => _lengths[row] > 0 ? _bytes.AsSpan(_starts[row], _lengths[row]) : default;

    /// <summary>Equal for rows that share one copy of a value.</summary>
    public int Start(int row) => _starts[row];

    private int Append(ReadOnlySpan<byte> value, int length)
    {
        if (_bytes.Length - length < value.Length)
            Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, length + value.Length)));
        value.CopyTo(_bytes.AsSpan(length));
        return length + value.Length;
    }
}
