namespace Akka.Ingest.Stores.Files;

/// <summary>Files that are written before they take the name of another.</summary>
internal static class UnfinishedFiles
{
    /// <summary>Removes what a failed write left, where the disk lets it: it may be what fills the disk. The next start removes the rest.</summary>
    public static void TryDelete(IStoreFileSystem files, string path)
    {
        try
        {
            if (files.FileExists(path))
                files.Delete(path);
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            // Whoever failed to write it tells more.
        }
    }
}
