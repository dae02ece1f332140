namespace Akka.Ingest.Hosting;

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

/// <summary>Who holds a data folder, as <c>writer.json</c> says it.</summary>
/// <param name="ProcessId">Number of the process on its host.</param>
/// <param name="Host">Name of the host.</param>
/// <param name="StartedAt">When the process was started, UTC: tells it from a later one with the same number.</param>
/// <remarks><code>{"pid":4711,"host":"…","startedAt":"2026-11-24T08:00:00Z"}</code></remarks>
internal sealed record LeaseOwner(int ProcessId, string Host, DateTime StartedAt)
{
    /// <summary>The system computes the start of a process from the time since boot, and not twice the same to the millisecond.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static LeaseOwner Self()
    {
        using var self = Process.GetCurrentProcess();
        return new LeaseOwner(Environment.ProcessId, Environment.MachineName, self.StartTime.ToUniversalTime());
    }

    /// <summary>Null for a file that is not there or is no such record.</summary>
    public static LeaseOwner? Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            return new LeaseOwner(root.GetProperty("pid").GetInt32(), root.GetProperty("host").GetString()!, root.GetProperty("startedAt").GetDateTime().ToUniversalTime());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file in one step, so that nobody reads half of it.</summary>
    /// <exception cref="IOException">Disk full and the like.</exception>
    public void Write(string path)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        using (var json = new Utf8JsonWriter(file))
        {
            json.WriteStartObject();
            json.WriteNumber("pid"u8, ProcessId);
            json.WriteString("host"u8, Host);
            json.WriteString("startedAt"u8, StartedAt);
            json.WriteEndObject();
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>True when this process has surely ended. Of one on another host nothing is known.</summary>
    public bool HasEnded()
    {
        if (Host != Environment.MachineName)
            return false;
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            return process.HasExited || (process.StartTime.ToUniversalTime() - StartedAt).Duration() > Tolerance;
        }
        catch (ArgumentException)
        {
            return true; // No process has this number.
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return false; // It is there, and may not be asked.
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"process {ProcessId} on host {Host}, started at {StartedAt:yyyy-MM-ddTHH:mm:ssZ}");
}
