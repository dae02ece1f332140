namespace Akka.Ingest.EndToEnd.Tests.Harness;

/// <summary>The folder of one server, in the temporary folder: working directory, data and dead letters. Deleted at the end.</summary>
/// <remarks>With <c>INGEST_KEEP=1</c> it stays, to look at after a failure.</remarks>
internal sealed class ServerFolder : IDisposable
{
    public ServerFolder() => Root = Directory.CreateTempSubdirectory("ingest-e2e-").FullName;

    public string Root { get; }
    public string Data => Path.Combine(Root, "data");
    public string Spool => Path.Combine(Data, "spool");
    public string Store => Path.Combine(Data, "store");
    public string StoreDatabase => Path.Combine(Store, "events.db");
    public string DeadLetters => Path.Combine(Root, "logs", "deadletter");

    /// <summary>Every file the server may have written, for searches in raw bytes.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories);

    /// <summary>Copies <paramref name="folder"/> beside the data. Only while the server is stopped: the write-ahead logs go along.</summary>
    public string Backup(string folder)
    {
        var backup = Path.Combine(Root, "backup-" + Guid.NewGuid().ToString("n"));
        Copy(folder, backup);
        return backup;
    }

    /// <summary>Puts a backup back in place of <paramref name="folder"/>.</summary>
    public static void Restore(string backup, string folder)
    {
        Directory.Delete(folder, recursive: true);
        Copy(backup, folder);
    }

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("INGEST_KEEP") is null && Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
