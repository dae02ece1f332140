namespace Akka.Ingest.Hosting;

using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

/// <summary>
/// Keeps a second process out of the data folder: an operating system lock on <c>writer.lock</c>, which ends with the process
/// however it ends, so nothing is ever stale. <c>writer.json</c> beside it says who holds it, for the message only.
/// </summary>
/// <remarks>
/// First of the hosted services: taken before any other starts, given back after all have stopped. On Linux the lock is
/// <c>flock</c>; a network file system without it gives no protection.
/// </remarks>
internal sealed class DataFolderLease(IOptions<StorageOptions> options, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    public const string LockName = "writer.lock";
    public const string HolderName = "writer.json";
    private FileStream? _lock;

    public bool IsHeld => _lock is not null;

    /// <exception cref="LeaseHeldException">Another process works in this folder.</exception>
    /// <exception cref="SettingsException">The folder cannot be made or written.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Value.Path);
        var holderPath = Path.Combine(folder, HolderName);
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsLocked(exception))
        {
            throw new LeaseHeldException(folder, ReadHolder(holderPath), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([new SettingsMistake("Storage:Path", options.Value.Path, $"It must be a folder that can be written. {exception.Message}")]);
        }

        File.WriteAllBytes(holderPath, DescribeSelf());
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
public sealed class LeaseHeldException(string folder, string holder, Exception? innerException = null)
    : Exception($"The data folder {folder} is in use by {holder}. One process at a time may write to it; stop that one, or give this one another Storage:Path.", innerException);
