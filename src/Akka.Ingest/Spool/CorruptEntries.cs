namespace Akka.Ingest.Spool;

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

/// <summary>Sets journal rows aside that cannot be read: their bytes and a report go to a folder, delivery goes on without them.</summary>
/// <remarks>
/// Two files for each, named after partition and sequence number, so that doing it again changes nothing: <c>.bin</c> with the
/// row as it is and <c>.json</c> with what is known. Never throws: a full disk must not stop delivery a second time.
/// </remarks>
public sealed partial class CorruptEntries(string folder, ILogger<CorruptEntries> log)
{
    private static readonly Meter Meter = new("Akka.Ingest");
    private static readonly Counter<long> Count = Meter.CreateCounter<long>(
        "akka.ingest.spool.corrupt_entries", "{entry}", "Journal rows that could not be read and were set aside.");

    private readonly HashSet<(string, long)> _known = [];

    internal void SetAside(string persistenceId, long sequence, CorruptEntry entry)
    {
        lock (_known)
        {
            if (_known.Count >= 10_000)
                _known.Clear();
            if (!_known.Add((persistenceId, sequence)))
                return;
        }

        Count.Add(1);
        var name = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{persistenceId}-{sequence:D16}"));
        LogSetAside(log, persistenceId, sequence, entry.Reason, name);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(name + ".bin", entry.Bytes);
            using var report = File.Create(name + ".json");
            using var writer = new Utf8JsonWriter(report);
            writer.WriteStartObject();
            writer.WriteString("persistenceId"u8, persistenceId);
            writer.WriteNumber("sequence"u8, sequence);
            writer.WriteString("manifest"u8, entry.Manifest);
            writer.WriteNumber("bytes"u8, entry.Bytes.Length);
            writer.WriteString("reason"u8, entry.Reason);
            writer.WriteEndObject();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(log, exception, name);
        }
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Critical, Message = "{PersistenceId}: entry {Sequence} cannot be read and is set aside as {File}: {Reason}")]
    private static partial void LogSetAside(ILogger logger, string persistenceId, long sequence, string reason, string file);

    [LoggerMessage(EventId = 3041, Level = LogLevel.Error, Message = "The corrupt entry could not be saved as {File}")]
    private static partial void LogNotSaved(ILogger logger, Exception exception, string file);
}
