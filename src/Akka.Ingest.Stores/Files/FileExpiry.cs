namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>
/// Removes the oldest events of a day. One record in the positions log says how far the day has expired and how many events that were; from
/// then on they are gone. Taking them out of the files comes after it and may be repeated.
/// </summary>
/// <remarks>Used by the writer's thread only.</remarks>
internal sealed partial class FileExpiry(IStoreFileSystem files, FileStorePaths paths, OpenFolder folder, LineDamage damage, ILogger logger)
{
    public ExpiredEvents Expire(ExpireRequest request)
    {
        if (!folder.Days.TryGetValue(request.Day, out var day))
            return new ExpiredEvents(0, 0, IsComplete: true);
        if (day.IsEmpty)
        {
            TryRemove(day);
            return new ExpiredEvents(0, 0, IsComplete: true);
        }

        var (through, expired) = Choose(day, request.Events);
        folder.Log.Append(new PositionsChange
        {
            NextArrival = folder.NextArrival,
            Positions = folder.State.Positions,
            ExpiredThrough = { [request.Day] = through },
            Expired = expired,
        });

        var before = day.LiveStart;
        FileBlock[] left = [.. day.View.Blocks.Select(block => block.After(through)).OfType<FileBlock>()];
        day.Replace(left, day.Length);
        folder.State.Expire(day, expired);
        damage.Forget(request.Day, day.LiveStart);
        var freed = day.LiveStart - before;
        if (day.IsEmpty)
            TryRemove(day);
        return new ExpiredEvents(expired.Values.Sum(), freed, IsComplete: true);
    }

    // The last arrival number that goes, and what goes by key.
    private static (long Through, Dictionary<CountKey, long> Expired) Choose(DayState day, long events)
    {
        var expired = new Dictionary<CountKey, long>();
        var through = 0L;
        foreach (var run in day.View.Blocks.SelectMany(block => block.Runs))
        {
            var taken = Math.Min(events, run.Count);
            if (taken <= 0)
                break;
            var key = new CountKey(run.Partition.SpoolId, run.ApiKeyId);
            expired[key] = expired.GetValueOrDefault(key) + taken;
            through = run.FirstArrival + taken - 1;
            events -= taken;
        }

        return (through, expired);
    }

    private void TryRemove(DayState day)
    {
        damage.Forget(day.File.Day);
        try
        {
            DayRemoval.Run(files, paths, folder.Days, day);
            folder.Log.Forget(day.File.Day);
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            // Its lines have expired all the same, which the log goes on saying. The next start, or the next request for the day, takes them away.
            LogNotRemoved(logger, day.File.Name, exception.Message);
        }
    }

    [LoggerMessage(3113, LogLevel.Warning, "{File} has expired but could not be removed yet: {Detail}")]
    private static partial void LogNotRemoved(ILogger logger, string file, string detail);
}
