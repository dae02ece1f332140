namespace Akka.Ingest.Query;

using System.Text;
using Akka.Ingest.Model;

/// <summary>Names of severities in queries and answers: the six of the contract, and on the way in every alias that events may use.</summary>
internal static class SeverityNames
{
    public const string Expected = "Trace, Debug, Information, Warning, Error or Critical";

    private static readonly byte[][] Utf8Names =
        ["Trace"u8.ToArray(), "Debug"u8.ToArray(), "Information"u8.ToArray(), "Warning"u8.ToArray(), "Error"u8.ToArray(), "Critical"u8.ToArray()];

    public static bool TryParse(string text, out Severity severity) => SeverityText.TryParse(Encoding.UTF8.GetBytes(text), out severity);

    public static ReadOnlySpan<byte> Utf8(Severity severity) => Utf8Names[(int)severity];
}
