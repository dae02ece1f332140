namespace Akka.Ingest.Stores.Files;

/// <summary>What the store holds at one moment: whole batches, and nothing that came later. Immutable.</summary>
internal sealed class FolderView(DayView[] days)
{
    public static readonly FolderView Empty = new([]);

    /// <summary>Ascending by day.</summary>
    public DayView[] Days => days;

    /// <summary>Arrival number of the last event; 0 where there is none.</summary>
    public long LastArrival => days.Max(day => (long?)day[day.BlockCount - 1].LastArrival) ?? 0;

    /// <summary>The same with another view of a day; null takes the day out.</summary>
    public FolderView With(DateOnly day, DayView? view)
    {
        var others = days.Where(item => item.File.Day != day);
        return new FolderView([.. (view is null ? others : others.Append(view)).OrderBy(item => item.File.Day)]);
    }
}

/// <summary>
/// The blocks of a day file at one moment. The array is shared with later moments, which only add to it behind
/// <paramref name="count"/>; the block that still grows stands apart.
/// </summary>
internal sealed class DayView(DayFile file, FileBlock[] blocks, int count, FileBlock? open, long lines, DayIndexFile index)
{
    public DayFile File => file;

    /// <summary>Lines that have not expired.</summary>
    public long Lines => lines;

    /// <summary>Where the first of them begins; what stands before it has expired.</summary>
    public long Start => this[0].Offset;

    public long End => this[BlockCount - 1].End;

    /// <summary>Size of the index, as it is now.</summary>
    public long IndexBytes => index.Length;

    public int BlockCount => open is null ? count : count + 1;

    public FileBlock this[int index] => index < count ? blocks[index] : open!;

    public IEnumerable<FileBlock> Blocks
    {
        get
        {
            for (var i = 0; i < BlockCount; i++)
                yield return this[i];
        }
    }
}
