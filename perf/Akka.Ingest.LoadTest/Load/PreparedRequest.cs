namespace Akka.Ingest.LoadTest.Load;

using System.Buffers.Text;

/// <summary>
/// A whole HTTP/1.1 request, head and body in one buffer, ready to be sent with one call. Owned by one connection, since
/// timestamps and the idempotency key are written over in place before each sending.
/// </summary>
internal sealed class PreparedRequest(byte[] bytes, int events, int keyOffset, int[] timestampOffsets)
{
    public const int KeyLength = 32;

    private const int MillisecondsLength = 23;

    public byte[] Bytes { get; } = bytes;

    public int Events { get; } = events;

    /// <summary>Writes the time of sending into every event; the last four digits number the events of the request, so that they differ.</summary>
    public void StampTimestamps(DateTime now)
    {
        if (timestampOffsets.Length == 0)
            return;
        Span<byte> time = stackalloc byte[MillisecondsLength];
        FormatMilliseconds(now, time);
        for (var i = 0; i < timestampOffsets.Length; i++)
        {
            var target = Bytes.AsSpan(timestampOffsets[i]);
            time.CopyTo(target);
            var number = i % 10_000;
            target[23] = (byte)('0' + (number / 1_000));
            target[24] = (byte)('0' + (number / 100 % 10));
            target[25] = (byte)('0' + (number / 10 % 10));
            target[26] = (byte)('0' + (number % 10));
        }
    }

    /// <summary>Writes the key of this sending: 16 digits that name the run, 16 that count.</summary>
    public void StampKey(ulong run, ulong number)
    {
        if (keyOffset < 0)
            return;
        WriteHex(run, Bytes.AsSpan(keyOffset, 16));
        WriteHex(number, Bytes.AsSpan(keyOffset + 16, 16));
    }

    private static void FormatMilliseconds(DateTime now, Span<byte> target)
    {
        Span<byte> whole = stackalloc byte[33];
        Utf8Formatter.TryFormat(now, whole, out _, 'O');
        whole[..MillisecondsLength].CopyTo(target);
    }

    private static void WriteHex(ulong value, Span<byte> target)
    {
        for (var i = target.Length - 1; i >= 0; i--, value >>= 4)
            target[i] = "0123456789abcdef"u8[(int)(value & 15)];
    }
}
