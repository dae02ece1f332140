namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Globalization;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>Where a segment lies: <c>dt=YYYY-MM-DD/segment-N.parquet</c>, with its index beside it under a name that Parquet readers skip.</summary>
internal sealed class SegmentFile(IStoreFileSystem files, string folder, DateOnly day, long number)
{
    private const string Prefix = "segment-";
    public const string DayPrefix = "dt=";
    private readonly WeakReference<SegmentFooter> _footer = new(null!);

    public long Number => number;
    public string DayFolder => Path.Combine(folder, DayPrefix + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    private string FileName => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}");
    public string ParquetPath => Path.Combine(DayFolder, FileName + ".parquet");
    public string IndexPath => Path.Combine(DayFolder, $"_{FileName}.index");

    /// <summary>Name relative to the store's folder.</summary>
    public string Name => Path.GetRelativePath(folder, ParquetPath);

    /// <summary>Number in the name of a segment or its index; null for any other file.</summary>
    public static long? NumberOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path).TrimStart('_');
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : null;
    }

    /// <summary>Null where neither copy of the index holds.</summary>
    public SegmentIndex? TryReadIndex() => TwinFile.Read(files, IndexPath, out _) is { } bytes ? SegmentIndexFormat.Read(bytes) : null;

    public IStoreFile OpenFile() => files.OpenToRead(ParquetPath);

    public SegmentSource Open() => new(OpenFile(), Footer);

    /// <summary>The footer as it was written; read again where nobody needed it for a while.</summary>
    private SegmentFooter Footer
    {
        get
        {
            if (_footer.TryGetTarget(out var footer))
                return footer;
            var index = TryReadIndex() ?? throw new InvalidDataException($"Neither copy in '{IndexPath}' can be read.");
            _footer.SetTarget(footer = new SegmentFooter(index.FooterPart.Offset, index.Footer));
            return footer;
        }
    }
}

/// <summary>Everything behind the last row group of a segment.</summary>
internal sealed record SegmentFooter(long Offset, byte[] Bytes)
{
    public long FileLength => Offset + Bytes.Length;
}
