namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>
/// Opens the folder as a crash, or an orderly stop, left it: takes the indexes for what they hold, reads the lines that they lack, cuts what was
/// not committed, finishes what retention began.
/// </summary>
internal sealed class FolderRecovery(IStoreFileSystem files, FileStorePaths paths, LineDamage damage, ILogger logger)
{
    /// <exception cref="StoreException">The files are of a newer version.</exception>
    public OpenFolder Run()
    {
        files.CreateDirectory(paths.Folder);
        var names = files.ListFiles(paths.Folder);
        foreach (var left in names.Where(path => path.EndsWith(FileStorePaths.TemporaryExtension, StringComparison.Ordinal)))
            files.Delete(left);
        var log = PositionsLog.Open(files, paths);
        var days = new List<DayRecovery>();
        try
        {
            foreach (var day in names.Select(FileStorePaths.DayOf).OfType<DateOnly>().Distinct())
                days.Add(new DayRecovery(files, paths, day, log.ExpiredThrough.GetValueOrDefault(day), logger));
            return Settle(log, days);
        }
        catch
        {
            log.Dispose();
            foreach (var day in days)
                day.Dispose();
            throw;
        }
    }

    private OpenFolder Settle(PositionsLog log, List<DayRecovery> days)
    {
        var positions = new PositionTable();
        positions.MoveAll(log.Positions);
        foreach (var day in days)
            positions.MoveAll(day.Committed);

        var next = log.NextArrival;
        var open = new Dictionary<DateOnly, DayState>();
        foreach (var recovery in days)
        {
            var day = recovery.Open(positions, damage);
            open.Add(recovery.Day, day);
            if (!day.IsEmpty)
                next = Math.Max(next, day.View.Blocks.Max(block => block.LastArrival) + 1);
        }

        files.FlushDirectory(paths.Folder);
        foreach (var empty in open.Values.Where(day => day.IsEmpty).ToArray())
        {
            DayRemoval.Run(files, paths, open, empty);
            log.Forget(empty.File.Day);
        }

        var state = new FileStoreState();
        state.Open(new FolderView([.. open.Values.OrderBy(day => day.File.Day).Select(day => day.View)]), positions, log.Expired);
        return new OpenFolder(log, open, state) { NextArrival = next };
    }
}

/// <summary>Removes the files of a day that holds nothing any more.</summary>
internal static class DayRemoval
{
    /// <summary>Takes both files away, and the day out of <paramref name="days"/>. Safe to repeat.</summary>
    /// <exception cref="IOException">
    /// The day is still among <paramref name="days"/>, its file in place; or it is not, and a power cut may bring the file back.
    /// </exception>
    public static void Run(IStoreFileSystem files, FileStorePaths paths, Dictionary<DateOnly, DayState> days, DayState day)
    {
        // The index first: lines without one are read again, an index without its lines would be believed.
        day.Index.Delete();
        files.FlushDirectory(paths.Folder);
        if (files.FileExists(paths.Lines(day.File.Day)))
            files.Delete(paths.Lines(day.File.Day));

        // Before anything else can fail: what is appended from here on must not go into a file without a name.
        days.Remove(day.File.Day);
        day.File.Release();
        files.FlushDirectory(paths.Folder);
    }
}

/// <summary>The folder, open. Owned by the writer's thread, but for the state.</summary>
internal sealed class OpenFolder(PositionsLog log, Dictionary<DateOnly, DayState> days, FileStoreState state) : IDisposable
{
    public PositionsLog Log => log;

    public Dictionary<DateOnly, DayState> Days => days;

    public FileStoreState State => state;

    /// <summary>Arrival number of the next event.</summary>
    public long NextArrival { get; set; }

    public void Dispose()
    {
        state.Close();
        foreach (var day in days.Values)
        {
            day.Index.Flush();
            day.Index.Dispose();
            day.File.Release();
        }

        log.Dispose();
    }
}
