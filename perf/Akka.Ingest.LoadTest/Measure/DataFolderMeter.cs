namespace Akka.Ingest.LoadTest.Measure;

/// <summary>Bytes of the server's files; zero without a folder.</summary>
internal sealed class DataFolderMeter(string? folder)
{
    public long SpoolBytes() => Bytes("spool");

    public long StoreBytes() => Bytes("store");

    private long Bytes(string part)
    {
        if (folder is null || !Directory.Exists(Path.Combine(folder, part)))
            return 0;
        var sum = 0L;
        foreach (var file in new DirectoryInfo(Path.Combine(folder, part)).EnumerateFiles("*", SearchOption.AllDirectories))
            sum += LengthOf(file);
        return sum;
    }

    /// <summary>A file may go away between the listing and the question.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
