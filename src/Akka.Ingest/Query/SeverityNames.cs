namespace Akka.Ingest.Query;

using System.Collections.Frozen;
using Akka.Ingest.Model;

/// <summary>Names of severities in queries: the six of the contract and the usual aliases, in any case.</summary>
internal static class SeverityNames
{
    public const string Expected = "Trace, Debug, Information, Warning, Error or Critical";

    private static readonly FrozenDictionary<string, Severity> ByName = new Dictionary<string, Severity>
    {
        ["Trace"] = Severity.Trace,
        ["Verbose"] = Severity.Trace,
        ["Debug"] = Severity.Debug,
        ["Information"] = Severity.Information,
        ["Info"] = Severity.Information,
        ["Notice"] = Severity.Information,
        ["Warning"] = Severity.Warning,
        ["Warn"] = Severity.Warning,
        ["Error"] = Severity.Error,
        ["Err"] = Severity.Error,
        ["Critical"] = Severity.Critical,
        ["Fatal"] = Severity.Critical,
        ["Crit"] = Severity.Critical,
        ["Alert"] = Severity.Critical,
        ["Emergency"] = Severity.Critical,
        ["Emerg"] = Severity.Critical,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly byte[][] Utf8Names =
        ["Trace"u8.ToArray(), "Debug"u8.ToArray(), "Information"u8.ToArray(), "Warning"u8.ToArray(), "Error"u8.ToArray(), "Critical"u8.ToArray()];

    public static bool TryParse(string text, out Severity severity) => ByName.TryGetValue(text, out severity);

    public static ReadOnlySpan<byte> Utf8(Severity severity) => Utf8Names[(int)severity];
}
