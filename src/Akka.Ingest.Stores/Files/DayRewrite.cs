namespace Akka.Ingest.Stores.Files;

/// <summary>
/// Writes what has not expired of a day into a new file, which then takes the name. The bulk is copied while the writer goes on; only the
/// last stretch holds it up.
/// </summary>
internal sealed class DayRewrite(IStoreFileSystem files, FileStorePaths paths, DayView view)
{
    private const int BufferBytes = 1024 * 1024;
    private readonly long _start = StartOf(view);
    private readonly long _copiedTo = view[view.BlockCount - 1].End;

    private string Temporary => FileStorePaths.Temporary(paths.Lines(view.File.Day));

    /// <summary>True when enough of a file has expired.</summary>
    public static bool IsDue(DayView view, FileStoreSettings settings) =>
        view.End <= settings.AlwaysRewriteBytes ? StartOf(view) > 0 : view.Start >= view.End * settings.RewriteShare && view.Start > 0;

    /// <summary>Copies what is there. On any thread; the file is in use by the caller.</summary>
    public void CopyBulk()
    {
        using var target = files.OpenOrCreate(Temporary);
        target.SetLength(0);
        Copy(target, _start, _copiedTo);
        target.Flush();
    }

    /// <summary>Copies what came since and puts the new file in the place of the old. On the writer's thread.</summary>
    /// <returns>False when the day is not what it was; the copy is of no use.</returns>
    public bool Finish(DayState day, FileStoreState state, LineDamage damage)
    {
        if (day.File != view.File || day.IsEmpty || day.View[0].FirstArrival != view[0].FirstArrival)
            return false;
        day.Repair();
        var target = files.OpenOrCreate(Temporary);
        try
        {
            Copy(target, _copiedTo, day.Length);
            target.Flush();

            // An index that describes other places than the lines stand at would be believed; none at all is written anew.
            day.Index.Delete();
            files.FlushDirectory(paths.Folder);
            files.Move(Temporary, paths.Lines(view.File.Day));
        }
        catch
        {
            target.Dispose();
            throw;
        }

        FileBlock[] blocks = [.. day.View.Blocks.Select((block, at) => (at == 0 ? block.From(_start) : block).MovedBy(-_start))];
        day.Replace(new DayFile(view.File.Day, target), blocks, day.Length - _start);
        day.IsNameNew = true;
        damage.Move(view.File.Day, -_start);
        state.Show(day);
        day.Index.Append(DayIndex.Frame(blocks, state.Positions));
        files.FlushDirectory(paths.Folder);
        day.IsNameNew = false;
        return true;
    }

    public void Discard() => UnfinishedFiles.TryDelete(files, Temporary);

    // Of the first block some lines may have expired.
    private static long StartOf(DayView view)
    {
        var first = view[0];
        var scanner = new LineScanner(view.File.File, first.Offset, first.End);
        while (scanner.MoveNext(out var line, out var isLine))
        {
            if (isLine && line.Arrival >= first.FirstArrival)
                return scanner.Offset;
        }

        return first.Offset;
    }

    private void Copy(IStoreFile target, long from, long to)
    {
        var buffer = new byte[(int)Math.Clamp(to - from, 1, BufferBytes)];
        for (var at = from; at < to;)
        {
            var read = view.File.File.Read(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - at)));
            if (read == 0)
                throw new IOException($"{view.File.Name} is shorter than what was written to it.");
            target.Write(at - _start, buffer.AsSpan(0, read));
            at += read;
        }
    }
}
