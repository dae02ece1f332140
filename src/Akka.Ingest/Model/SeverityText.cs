namespace Akka.Ingest.Model;

using System.Text;

/// <summary>Folds the level names of the logging libraries, of syslog, and OpenTelemetry's numbers into a <see cref="Severity"/>.</summary>
internal static class SeverityText
{
    /// <param name="text">Unescaped UTF-8; case does not matter.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out Severity severity)
    {
        Severity? found = text.Length switch
        {
            3 => Is(text, "inf"u8) ? Severity.Information
                : Is(text, "err"u8) ? Severity.Error
                : Is(text, "wrn"u8) ? Severity.Warning
                : Is(text, "dbg"u8) ? Severity.Debug
                : Is(text, "vrb"u8) || Is(text, "trc"u8) ? Severity.Trace
                : Is(text, "ftl"u8) ? Severity.Critical
                : null,
            4 => Is(text, "info"u8) ? Severity.Information
                : Is(text, "warn"u8) ? Severity.Warning
                : Is(text, "crit"u8) ? Severity.Critical
                : null,
            5 => Is(text, "error"u8) ? Severity.Error
                : Is(text, "debug"u8) ? Severity.Debug
                : Is(text, "trace"u8) ? Severity.Trace
                : Is(text, "fatal"u8) || Is(text, "emerg"u8) || Is(text, "alert"u8) || Is(text, "panic"u8) ? Severity.Critical
                : null,
            6 => Is(text, "notice"u8) ? Severity.Information : null,
            7 => Is(text, "warning"u8) ? Severity.Warning : Is(text, "verbose"u8) ? Severity.Trace : null,
            8 => Is(text, "critical"u8) ? Severity.Critical : null,
            9 => Is(text, "emergency"u8) ? Severity.Critical : null,
            11 => Is(text, "information"u8) ? Severity.Information : null,
            13 => Is(text, "informational"u8) ? Severity.Information : null,
            _ => null,
        };
        severity = found ?? Severity.Information;
        return found is not null;
    }

    /// <summary>OpenTelemetry severity number: four steps for each level, 1 to 24.</summary>
    public static bool TryFromNumber(int number, out Severity severity)
    {
        var isKnown = number is >= 1 and <= 24;
        severity = isKnown ? (Severity)((number - 1) / 4) : Severity.Information;
        return isKnown;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(text, name);
}
