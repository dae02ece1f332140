namespace Akka.Ingest.Query;

using System.Globalization;
using System.Numerics;
using System.Text;

/// <summary>Compares JSON numbers by value, from their digits: nothing is rounded, whatever their size.</summary>
internal static class JsonNumber
{
    /// <summary>Length of the JSON number at the start of <paramref name="text"/>; 0 if there is none.</summary>
    public static int LengthAt(ReadOnlySpan<char> text)
    {
        var at = text.Length > 0 && text[0] == '-' ? 1 : 0;
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at == start || (text[start] == '0' && at > start + 1))
            return 0;
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            var digits = exponent;
            while (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
                exponent++;
            if (exponent > digits)
                at = exponent;
        }

        return at;
    }

    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        TryReadSmall(left, out var a) && TryReadSmall(right, out var b) ? a.CompareTo(b) : CompareExactly(Split(left), Split(right));

    private static bool TryReadSmall(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        if (digits.Length > 18)
            return false;
        var negative = digits[0] == '-';
        foreach (var c in negative ? digits[1..] : digits)
        {
            if (c is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + (c - '0');
        }

        if (negative)
            value = -value;
        return true;
    }

    private static int CompareExactly(in Decimal left, in Decimal right)
    {
        if (left.Sign != right.Sign)
            return left.Sign.CompareTo(right.Sign);
        if (left.Sign == 0)
            return 0;
        var magnitude = left.PointAt.CompareTo(right.PointAt);
        if (magnitude == 0)
            magnitude = CompareDigits(left, right);
        return left.Sign * magnitude;
    }

    private static int CompareDigits(in Decimal left, in Decimal right)
    {
        for (var i = 0; i < left.Length || i < right.Length; i++)
        {
            var difference = left.DigitAt(i) - right.DigitAt(i);
            if (difference != 0)
                return difference < 0 ? -1 : 1;
        }

        return 0;
    }

    // value = sign * 0.ddddd * 10^PointAt, the first d not zero.
    private static Decimal Split(ReadOnlySpan<byte> number)
    {
        var negative = number[0] == '-';
        if (negative)
            number = number[1..];
        BigInteger exponent = 0;
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0)
        {
            exponent = ReadExponent(number[(e + 1)..]);
            number = number[..e];
        }

        var point = number.IndexOf((byte)'.');
        var whole = point < 0 ? number.Length : point;
        var fraction = point < 0 ? [] : number[(point + 1)..];
        number = number[..whole];
        var leadingZeros = number.IndexOfAnyExcept((byte)'0');
        if (leadingZeros < 0)
        {
            leadingZeros = whole;
            var more = fraction.IndexOfAnyExcept((byte)'0');
            if (more < 0)
                return default;
            leadingZeros += more;
        }

        return new Decimal(negative ? -1 : 1, exponent + whole - leadingZeros, number, fraction, leadingZeros);
    }

    private static BigInteger ReadExponent(ReadOnlySpan<byte> digits) => digits.Length <= 9
        ? int.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
        : BigInteger.Parse(Encoding.ASCII.GetString(digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private readonly ref struct Decimal(int sign, BigInteger pointAt, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int skipped)
    {
        private readonly ReadOnlySpan<byte> _whole = whole;
        private readonly ReadOnlySpan<byte> _fraction = fraction;

        public int Sign { get; } = sign;
        public BigInteger PointAt { get; } = pointAt;
        public int Length => _whole.Length + _fraction.Length - skipped;

        public int DigitAt(int index)
        {
            index += skipped;
            if (index < _whole.Length)
                return _whole[index] - '0';
            index -= _whole.Length;
            return index < _fraction.Length ? _fraction[index] - '0' : 0;
        }
    }
}
