namespace Akka.Ingest.Stores.Segmented.Active;

using System.Globalization;
using Akka.Ingest.Stores.Files;

/// <summary>
/// A file of frames. One at a time is written to; those before it wait to be sealed. Numbers only grow, and no file is ever continued
/// after a restart, so what a file held when it was opened never changes.
/// </summary>
internal sealed class ActiveFile(IStoreFileSystem files, string path, long number) : IDisposable
{
    private readonly Lock _opening = new();
    private IStoreFile? _file;

    public string Path => path;
    public long Number => number;

    public static string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"_active-{number:D10}.frames");

    /// <summary>Number in a file name; null where it is no active file.</summary>
    public static long? NumberOf(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return name.StartsWith("_active-", StringComparison.Ordinal) && name.EndsWith(".frames", StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(8, name.Length - 15), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public int Read(long offset, Span<byte> target) => File.Read(offset, target);

    public IStoreFile File
    {
        get
        {
            lock (_opening)
                return _file ??= files.OpenOrCreate(path);
        }
    }

    public void Dispose()
    {
        lock (_opening)
        {
            _file?.Dispose();
            _file = null;
        }
    }
}
