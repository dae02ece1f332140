namespace Akka.Ingest.Stores.Files;

using System.Globalization;

/// <summary>Times of a line: <c>2026-11-24T08:00:00.1234567Z</c> with 0 to 7 fraction digits.</summary>
/// <remarks>Not thread-safe: it remembers the last second, since events that follow each other mostly share it.</remarks>
internal sealed class LineTime
{
    private const int SecondLength = 19;
    private readonly byte[] _writtenText = new byte[32];
    private readonly byte[] _readText = new byte[SecondLength];
    private long _writtenSecond = -1;
    private long _readTicks = -1;

    /// <summary>What a unit of the last of n digits is in ticks.</summary>
    public static ReadOnlySpan<int> TicksOfLastDigit => [10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <exception cref="InvalidDataException">The ticks are no time.</exception>
    public void Write(long ticks, int digits, Span<byte> target, ref int at)
    {
        if ((ulong)ticks > (ulong)DateTime.MaxValue.Ticks)
            throw new InvalidDataException("An event record has a timestamp outside of the years 1 to 9999.");
        var second = ticks / TimeSpan.TicksPerSecond;
        if (second != _writtenSecond)
        {
            new DateTime(ticks, DateTimeKind.Utc).TryFormat(_writtenText, out _, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
            _writtenSecond = second;
        }

        _writtenText.AsSpan(0, SecondLength).CopyTo(target[at..]);
        at += SecondLength;
        if (digits > 0)
        {
            target[at] = (byte)'.';
            var fraction = (int)(ticks - (second * TimeSpan.TicksPerSecond)) / TicksOfLastDigit[digits];
            for (var i = digits; i > 0; i--, fraction /= 10)
                target[at + i] = (byte)('0' + (fraction % 10));
            at += digits + 1;
        }

        target[at++] = (byte)'Z';
    }

    /// <summary>Reads a time that ends with Z, and moves behind it.</summary>
    public long Read(ReadOnlySpan<byte> text, ref int at, out int digits)
    {
        var second = text.Slice(at, SecondLength);
        if (_readTicks < 0 || !second.SequenceEqual(_readText))
        {
            second.CopyTo(_readText);
            _readTicks = new DateTime(
                Number(second, 0, 4), Number(second, 5, 2), Number(second, 8, 2), Number(second, 11, 2), Number(second, 14, 2), Number(second, 17, 2), DateTimeKind.Utc).Ticks;
        }

        at += SecondLength;
        digits = 0;
        var ticks = _readTicks;
        if (text[at] == (byte)'.')
        {
            for (at++; text[at] != (byte)'Z'; at++)
                ticks += (text[at] - '0') * TicksOfLastDigit[++digits];
        }

        at++;
        return ticks;
    }

    private static int Number(ReadOnlySpan<byte> text, int start, int count)
    {
        var value = 0;
        for (var i = start; i < start + count; i++)
            value = (value * 10) + text[i] - '0';
        return value;
    }
}
