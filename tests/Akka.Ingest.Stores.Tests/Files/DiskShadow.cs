namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Stores.Files;

/// <summary>What of a folder is safe on the disk: the bytes of each file at its last flush, and the names at the last flush of their folder.</summary>
internal sealed class DiskShadow
{
    private readonly string _root;
    private readonly Dictionary<string, ShadowFile> _names = [];
    private readonly Dictionary<string, ShadowFile> _safeNames = [];

    public DiskShadow(string root)
    {
        _root = root;
        if (!Directory.Exists(root))
            return;
        foreach (var path in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
            _names[path] = _safeNames[path] = new ShadowFile { Flushed = File.ReadAllBytes(path) };
    }

    /// <summary>The file of that name, which is new where the name is.</summary>
    public ShadowFile Opened(string path)
    {
        if (!_names.TryGetValue(path, out var shadow))
            _names.Add(path, shadow = new ShadowFile());
        return shadow;
    }

    public void Moving(string from, string to)
    {
        Deleting(to);
        if (_names.Remove(from, out var shadow))
            _names[to] = shadow;
    }

    public void Deleting(string path)
    {
        if (_names.Remove(path, out var shadow))
            shadow.Last = File.ReadAllBytes(path);
    }

    public void NamesFlushed(string directory)
    {
        bool IsInside(string path) => Path.GetDirectoryName(path) == directory.TrimEnd(Path.DirectorySeparatorChar);
        foreach (var gone in _safeNames.Keys.Where(path => IsInside(path) && !_names.ContainsKey(path)).ToArray())
            _safeNames.Remove(gone);
        foreach (var (path, shadow) in _names.Where(pair => IsInside(pair.Key)))
            _safeNames[path] = shadow;
    }

    /// <summary>Rewrites the folder to what is found after a power cut.</summary>
    public void Restore(PowerLoss loss)
    {
        foreach (var (path, shadow) in _names)
            shadow.Last = File.ReadAllBytes(path);
        var found = loss.Names == UnflushedNames.Kept ? _names : _safeNames;
        foreach (var path in Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Where(path => !found.ContainsKey(path)))
            File.Delete(path);
        foreach (var (path, shadow) in found)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, shadow.After(loss.Bytes));
        }
    }
}

/// <summary>One file, whatever its name.</summary>
internal sealed class ShadowFile
{
    /// <summary>Its bytes when it was last flushed.</summary>
    public byte[] Flushed { get; set; } = [];

    /// <summary>What it last held, flushed or not.</summary>
    public byte[] Last { get; set; } = [];

    public void Flush(IStoreFile file)
    {
        Flushed = new byte[file.Length];
        file.Read(0, Flushed);
    }

    public byte[] After(UnflushedBytes loss)
    {
        if (loss == UnflushedBytes.Kept || Last.AsSpan().SequenceEqual(Flushed))
            return Last;
        var changedFrom = Last.AsSpan().CommonPrefixLength(Flushed);
        var changed = Last.Length - changedFrom;
        switch (loss)
        {
            case UnflushedBytes.Cut when changed > 0:
                var middle = changedFrom + (changed / 2);
                return [.. Last.AsSpan(0, middle), .. Flushed.AsSpan(Math.Min(middle, Flushed.Length))];
            case UnflushedBytes.Holed when Last.Length > Flushed.Length:
                var holed = (byte[])Last.Clone();
                holed.AsSpan(changedFrom + (changed / 3), Math.Max(1, changed / 3)).Clear();
                return holed;
            default:
                return Flushed;
        }
    }
}
