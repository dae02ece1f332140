namespace Akka.Ingest.Storage;

using System.Runtime.InteropServices;

/// <summary>
/// Makes a rename or a new name in a directory durable. .NET cannot flush a directory, so this calls the C library; on
/// Windows the file system's journal keeps names by itself and nothing is done.
/// </summary>
public static class DirectoryFlush
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;

    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Retry(() => Open(directory, ReadOnly));
        if (handle < 0)
            throw Failed("opened", directory);
        try
        {
            if (Retry(() => Fsync(handle)) < 0)
                throw Failed("flushed", directory);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    /// <summary>Creates the directory and makes its name durable, and those of the parents it created.</summary>
    public static void CreateDurably(string directory)
    {
        var created = new Stack<string>();
        for (var path = Path.GetFullPath(directory); path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
            created.Push(path);
        Directory.CreateDirectory(directory);
        foreach (var path in created)
            Flush(Path.GetDirectoryName(path)!);
    }

    private static int Retry(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result;
    }

    private static IOException Failed(string verb, string directory) =>
        new($"The directory '{directory}' could not be {verb}: {Marshal.GetLastPInvokeErrorMessage()}.");

#pragma warning disable SYSLIB1054, CA2101 // LibraryImport would need unsafe code in the whole project; the path is marshalled as UTF-8.
    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
#pragma warning restore SYSLIB1054, CA2101
}
