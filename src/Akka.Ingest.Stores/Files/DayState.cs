namespace Akka.Ingest.Stores.Files;

/// <summary>A day as the writer knows it.</summary>
/// <remarks>Used by the writer's thread only; <see cref="View"/> gives others what they may see.</remarks>
internal sealed class DayState(DayFile file, DayIndexFile index)
{
    private FileBlock[] _blocks = [];
    private int _count;
    private FileBlock? _open;
    private long _lines;

    public DayFile File { get; private set; } = file;

    public DayIndexFile Index => index;

    /// <summary>Where the committed lines end, and the next ones begin.</summary>
    public long Length { get; private set; }

    /// <summary>True while the name of the file may not survive a power cut.</summary>
    public bool IsNameNew { get; set; }

    /// <summary>True after a failed write: bytes may stand behind <see cref="Length"/> that no commit covers.</summary>
    public bool MayHoldMore { get; set; }

    public bool IsEmpty => _count == 0 && _open is null;

    /// <summary>Where the first line begins that has not expired.</summary>
    public long LiveStart => _count > 0 ? _blocks[0].Offset : _open?.Offset ?? Length;

    public DayView View => new(File, _blocks, _count, _open, _lines, index);

    /// <summary>Cuts what a failed write may have left.</summary>
    public void Repair()
    {
        if (!MayHoldMore)
            return;
        File.File.SetLength(Length);
        File.File.Flush();
        MayHoldMore = false;
    }

    /// <summary>Adds what was written behind the last line.</summary>
    public void Append(IEnumerable<FileBlock> blocks, long length)
    {
        foreach (var block in blocks)
            Append(block);
        Length = length;
    }

    /// <summary>Other blocks altogether.</summary>
    public void Replace(IEnumerable<FileBlock> blocks, long length)
    {
        _blocks = [];
        _count = 0;
        _open = null;
        _lines = 0;
        Append(blocks, length);
    }

    /// <summary>The lines are in another file now.</summary>
    public void Replace(DayFile file, IEnumerable<FileBlock> blocks, long length)
    {
        File.Release();
        File = file;
        Replace(blocks, length);
    }

    private void Append(FileBlock block)
    {
        _lines += block.Lines;
        if (_open is null)
        {
            _open = block;
            return;
        }

        if (_open.CanBeJoinedBy(block))
        {
            _open = FileBlock.Join(_open, block);
            return;
        }

        // Views share the array: a slot is filled once, before any of them counts it.
        if (_count == _blocks.Length)
            Array.Resize(ref _blocks, Math.Max(16, _blocks.Length * 2));
        _blocks[_count++] = _open;
        _open = block;
    }
}
