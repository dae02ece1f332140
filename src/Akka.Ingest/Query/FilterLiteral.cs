namespace Akka.Ingest.Query;

using System.Globalization;
using System.Text;
using Akka.Ingest.Model;

/// <summary>A value written in a filter.</summary>
public abstract record FilterLiteral
{
    private FilterLiteral()
    {
    }

    public sealed record Text(byte[] Utf8) : FilterLiteral
    {
        public static Text Of(string value) => new(Encoding.UTF8.GetBytes(value));
        public override string ToString() => Quote(Encoding.UTF8.GetString(Utf8));
    }

    /// <param name="Digits">A JSON number as written; never rounded.</param>
    public sealed record Number(byte[] Digits) : FilterLiteral
    {
        public override string ToString() => Encoding.ASCII.GetString(Digits);
    }

    public sealed record Boolean(bool Value) : FilterLiteral
    {
        public override string ToString() => Value ? "true" : "false";
    }

    /// <summary>Text that stands for a severity, as the operand of <c>level</c>.</summary>
    public sealed record Level(Severity Value) : FilterLiteral
    {
        public override string ToString() => Quote(Value.ToString());
    }

    /// <summary>Text that stands for a time, as the operand of <c>timestamp</c> or <c>receivedAt</c>.</summary>
    public sealed record Instant(long Ticks) : FilterLiteral
    {
        public override string ToString() => Quote(Rfc3339.Format(Ticks));
    }

    private static string Quote(string text) => string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}
