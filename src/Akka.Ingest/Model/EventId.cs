namespace Akka.Ingest.Model;

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

/// <summary>
/// Identity of an event, given with its place in the spool and kept for good. Its text sorts in order of receipt within a
/// partition.
/// </summary>
/// <param name="SpoolId">The journal that accepted the event.</param>
/// <param name="Partition">Spool partition, 0 to 63.</param>
/// <param name="Ordinal">Running number of the event in its partition, from 0; below 2^48.</param>
/// <remarks>
/// Text: the 25 bytes (u8 version = 1, 16 bytes spool id big-endian, u8 partition, 7 bytes ordinal big-endian) in
/// lower-case base32hex without padding, 40 characters; its ordinal order is the byte order.
/// </remarks>
public readonly record struct EventId(Guid SpoolId, int Partition, long Ordinal)
{
    public const int TextLength = 40;
    public const long MaxOrdinal = (1L << 48) - 1;
    private const byte Version = 1;
    private static ReadOnlySpan<byte> Alphabet => "0123456789abcdefghijklmnopqrstuv"u8;

    public override string ToString() => string.Create(TextLength, this, static (chars, id) =>
    {
        Span<byte> text = stackalloc byte[TextLength];
        id.WriteTo(text);
        for (var i = 0; i < TextLength; i++)
            chars[i] = (char)text[i];
    });

    /// <summary>Writes the text form, <see cref="TextLength"/> ASCII bytes.</summary>
    public void WriteTo(Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[25];
        bytes[0] = Version;
        SpoolId.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        Span<byte> tail = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(tail, Ordinal);
        tail[0] = (byte)Partition;
        tail.CopyTo(bytes[17..]);
        for (var group = 0; group < 5; group++)
        {
            ulong bits = 0;
            for (var i = 0; i < 5; i++)
                bits = (bits << 8) | bytes[(group * 5) + i];
            for (var i = 7; i >= 0; i--, bits >>= 5)
                target[(group * 8) + i] = Alphabet[(int)(bits & 31)];
        }
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        id = default;
        if (text is not { Length: TextLength })
            return false;
        Span<byte> bytes = stackalloc byte[25];
        for (var group = 0; group < 5; group++)
        {
            ulong bits = 0;
            for (var i = 0; i < 8; i++)
            {
                var digit = Digit(text[(group * 8) + i]);
                if (digit < 0)
                    return false;
                bits = (bits << 5) | (uint)digit;
            }

            for (var i = 4; i >= 0; i--, bits >>= 8)
                bytes[(group * 5) + i] = (byte)bits;
        }

        if (bytes[0] != Version)
            return false;
        var tail = BinaryPrimitives.ReadInt64BigEndian(bytes[17..]);
        id = new EventId(new Guid(bytes.Slice(1, 16), bigEndian: true), (int)(tail >>> 56), tail & ((1L << 56) - 1));
        return id.Partition < 64 && id.Ordinal <= MaxOrdinal;
    }

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'v' => c - 'a' + 10,
        _ => -1,
    };
}
