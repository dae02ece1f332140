namespace Akka.Ingest.Hosting;

using Microsoft.Extensions.Options;

/// <summary>
/// Keeps a second process out of the data folder: an operating system lock on <c>writer.lock</c>, which ends with the process
/// however it ends, so nothing is ever stale. <c>writer.json</c> beside it says who holds it, for the message only: see <see cref="LeaseOwner"/>.
/// </summary>
/// <remarks>
/// Taken before anything else of the service is made, so the container disposes it last. On Linux the lock is <c>flock</c>; a
/// network file system without it gives no protection. Not needed where store and journal are databases.
/// </remarks>
internal sealed class DataFolderLease(IOptions<StorageOptions> storage, IOptions<SpoolOptions> spool) : IDisposable
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
            throw new LeaseHeldException($"The data folder {folder}", Describe(LeaseOwner.Read(holderPath)), "another Storage:Path", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([new SettingsMistake("Storage:Path", storage.Value.Path, $"It must be a folder that can be written. {exception.Message}")]);
        }

        try
        {
            LeaseOwner.Self().Write(holderPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only the message to a second process gets poorer; a full disk must not stop the start.
        }
    }

    public void Dispose()
    {
        if (_lock is null)
            return;
        try
        {
            // Before the lock goes: afterwards the record may be another's.
            File.Delete(Path.Combine(Path.GetFullPath(storage.Value.Path), HolderName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left names a process that has ended, and is not shown as a living one.
        }

        _lock.Dispose();
        _lock = null;
    }

    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsLocked(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    // The holder writes its name a moment after it took the lock; what stands there until then is of the one before.
    private static string Describe(LeaseOwner? owner) => owner switch
    {
        null => "a process that left no name",
        _ when owner.HasEnded() => $"a process that has not left its name yet (the one before it, {owner}, has ended)",
        _ => owner.ToString(),
    };
}

/// <summary>The process ends with <see cref="ExitCodes.LeaseHeld"/>.</summary>
/// <param name="place">What is held: "The data folder …".</param>
/// <param name="holder">Who holds it.</param>
/// <param name="alternative">What to give this process instead.</param>
public sealed class LeaseHeldException(string place, string holder, string alternative, Exception? innerException = null)
    : Exception($"{place} is in use by {holder}. One process at a time may write to it; stop that one, or give this one {alternative}.", innerException);
