namespace Akka.Ingest.Hosting;

using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

/// <summary>
/// Keeps a second process out of the data folder: an operating system lock on <c>writer.lock</c>, which ends with the process
/// however it ends, so nothing is ever stale. <c>writer.json</c> beside it says who holds it, for the message only.
/// </summary>
/// <remarks>
/// Taken before anything else of the service is made, so the container disposes it last. On Linux the lock is <c>flock</c>; a
/// network file system without it gives no protection. Not needed where store and journal are databases.
/// </remarks>
internal sealed class DataFolderLease(IOptions<StorageOptions> storage, IOptions<SpoolOptions> spool, TimeProvider time) : IDisposable
{
    public const string LockName = "writer.lock";
    public const string HolderName = "writer.json";
    private FileStream? _lock;

    /// <summary>True also where none is needed.</summary>
    public bool IsHeld => _lock is not null || !IsNeeded;

    private bool IsNeeded =>
        DeploymentRules.IsFolderStore(storage.Value.Provider) || spool.Value.Provider == SpoolProvider.Sqlite;

    /// <exception cref="LeaseHeldException">Another process works in this folder.</exception>
    /// <exception cref="SettingsException">The folder cannot be made or written.</exception>
    public void Take()
    {
        if (!IsNeeded)
            return;
        var folder = Path.GetFullPath(storage.Value.Path);
        var holderPath = Path.Combine(folder, HolderName);
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsLocked(exception))
        {
            throw new LeaseHeldException($"The data folder {folder}", ReadHolder(holderPath), "another Storage:Path", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([new SettingsMistake("Storage:Path", storage.Value.Path, $"It must be a folder that can be written. {exception.Message}")]);
        }

        try
        {
            File.WriteAllBytes(holderPath, DescribeSelf());
        }
        catch (IOException)
        {
            // Only the message to a second process gets poorer; a full disk must not stop the start.
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsLocked(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    private byte[] DescribeSelf()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("pid"u8, Environment.ProcessId);
            json.WriteString("host"u8, Environment.MachineName);
            json.WriteString("startedAt"u8, time.GetUtcNow().UtcDateTime);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // What stands there is for people; a file that cannot be read only makes the message poorer.
    private static string ReadHolder(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path, Encoding.UTF8));
            var root = document.RootElement;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"process {root.GetProperty("pid").GetInt32()} on host {root.GetProperty("host").GetString()}, since {root.GetProperty("startedAt").GetString()}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return "a process that left no name";
        }
    }
}

/// <summary>The process ends with <see cref="ExitCodes.LeaseHeld"/>.</summary>
/// <param name="place">What is held: "The data folder …".</param>
/// <param name="holder">Who holds it.</param>
/// <param name="alternative">What to give this process instead.</param>
public sealed class LeaseHeldException(string place, string holder, string alternative, Exception? innerException = null)
    : Exception($"{place} is in use by {holder}. One process at a time may write to it; stop that one, or give this one {alternative}.", innerException);
