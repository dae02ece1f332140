namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>
/// Writes batches to the day files: lines, one write, one flush, and then everybody sees them. What fails is cut off again before anything
/// else is written there.
/// </summary>
/// <remarks>Used by the writer's thread only.</remarks>
internal sealed class FileAppender(IStoreFileSystem files, FileStorePaths paths, OpenFolder folder, Microsoft.Extensions.Logging.ILogger logger)
{
    private readonly BatchLines _lines = new();

    /// <summary>Writes batches of one <see cref="BatchPlace"/>, all in one write. One that is not at the stored position, or holds bad data, is left out.</summary>
    /// <exception cref="IOException">The disk refused; nothing was written, or it is not known.</exception>
    public StoreAppendResult[] Append(IReadOnlyList<StoreBatch> group)
    {
        // A commit must not come to cover what a failed write left behind.
        foreach (var state in folder.Days.Values)
            state.Repair();
        var place = BatchPlace.Of(group[0]);
        var moves = new Dictionary<SpoolPartition, StoredPosition>();
        if (place.IsEmpty)
            return AppendEmpty(group, moves);
        return place.Day is { } day ? AppendToDay(group, day, moves) : [AppendOverMidnight(group[0], moves)];
    }

    private StoreAppendResult[] AppendEmpty(IReadOnlyList<StoreBatch> group, Dictionary<SpoolPartition, StoredPosition> moves)
    {
        var results = new StoreAppendResult[group.Count];
        for (var i = 0; i < group.Count; i++)
            results[i] = (StoreAppendResult?)Check(group[i], moves) ?? Moved(group[i], moves);
        if (moves.Count > 0)
        {
            folder.Log.Append(new PositionsChange { NextArrival = folder.NextArrival, Positions = moves });
            folder.State.Commit([], [], moves);
        }

        return results;
    }

    private StoreAppendResult[] AppendToDay(IReadOnlyList<StoreBatch> group, DateOnly day, Dictionary<SpoolPartition, StoredPosition> moves)
    {
        var results = new StoreAppendResult[group.Count];
        var state = Open(day);
        _lines.Begin(state.Length, folder.NextArrival);
        for (var i = 0; i < group.Count; i++)
        {
            if (Check(group[i], moves) is { } mismatch)
                results[i] = mismatch;
            else if (_lines.TryAdd(group[i], null, out var bad))
                results[i] = Moved(group[i], moves);
            else
                results[i] = new StoreAppendResult.Failed(FileFailures.Of(bad));
        }

        if (moves.Count > 0)
        {
            Write(state);
            Show([(state, _lines.TakeBlocks(), moves)], _lines.NextArrival, moves);
        }

        return results;
    }

    // The day with the commit comes last: what stands in the others counts once the commit does.
    private StoreAppendResult AppendOverMidnight(StoreBatch batch, Dictionary<SpoolPartition, StoredPosition> moves)
    {
        if (Check(batch, moves) is { } mismatch)
            return mismatch;
        var days = BatchPlace.DaysOf(batch);
        foreach (var day in days)
        {
            _lines.Begin(0, folder.NextArrival);
            if (!_lines.TryAdd(batch, day, out var bad))
                return new StoreAppendResult.Failed(FileFailures.Of(bad));
        }

        Moved(batch, moves);
        var written = new List<(DayState, FileBlock[], Dictionary<SpoolPartition, StoredPosition>)>();
        try
        {
            foreach (var day in days)
            {
                var state = Open(day);
                _lines.Begin(state.Length, folder.NextArrival);
                _lines.TryAdd(batch, day, out _);
                Write(state);
                state.MayHoldMore = true;
                written.Add((state, _lines.TakeBlocks(), day == days[^1] ? moves : []));
            }
        }
        catch (IOException)
        {
            foreach (var (state, _, _) in written)
                TryRepair(state);
            throw;
        }

        foreach (var (state, _, _) in written)
            state.MayHoldMore = false;
        Show(written, folder.NextArrival + batch.EventCount, moves);
        return StoreAppendResult.Appended.Instance;
    }

    private StoreAppendResult.OffsetMismatch? Check(StoreBatch batch, Dictionary<SpoolPartition, StoredPosition> moves)
    {
        var partition = new SpoolPartition(batch.SpoolId, batch.Partition);
        StoredPosition? actual = moves.TryGetValue(partition, out var moved) ? moved : folder.State.ReadPosition(partition);
        return batch.Expected == (actual ?? StoredPosition.Start) ? null : new StoreAppendResult.OffsetMismatch(actual);
    }

    private static StoreAppendResult.Appended Moved(StoreBatch batch, Dictionary<SpoolPartition, StoredPosition> moves)
    {
        moves[new SpoolPartition(batch.SpoolId, batch.Partition)] = batch.Next;
        return StoreAppendResult.Appended.Instance;
    }

    private DayState Open(DateOnly day)
    {
        if (!folder.Days.TryGetValue(day, out var state))
        {
            state = new DayState(new DayFile(day, files.OpenOrCreate(paths.Lines(day))), new DayIndexFile(files, paths.Index(day), logger)) { IsNameNew = true };
            folder.Days.Add(day, state);
        }

        return state;
    }

    private void Write(DayState state)
    {
        state.MayHoldMore = true;
        try
        {
            state.File.File.Write(state.Length, _lines.Written.Span);
            state.File.File.Flush();
            if (state.IsNameNew)
                files.FlushDirectory(paths.Folder);
        }
        catch (IOException)
        {
            TryRepair(state);
            throw;
        }

        state.IsNameNew = false;
        state.MayHoldMore = false;
    }

    private void Show(
        IReadOnlyList<(DayState Day, FileBlock[] Blocks, Dictionary<SpoolPartition, StoredPosition> Commits)> written,
        long nextArrival,
        Dictionary<SpoolPartition, StoredPosition> moves)
    {
        folder.NextArrival = nextArrival;
        foreach (var (day, blocks, _) in written)
            day.Append(blocks, blocks[^1].End);
        folder.State.Commit([.. written.Select(item => item.Day)], [.. written.SelectMany(item => item.Blocks)], moves);
        foreach (var (day, blocks, commits) in written)
            day.Index.Append(DayIndex.Frame(blocks, commits));
    }

    private static void TryRepair(DayState state)
    {
        try
        {
            state.MayHoldMore = true;
            state.Repair();
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            // Tried again before the next write to this day.
        }
    }
}

/// <summary>Where a batch goes: one day, several, or none.</summary>
/// <param name="Day">The one day; null for several or none.</param>
/// <param name="IsEmpty">True for a batch without events.</param>
internal readonly record struct BatchPlace(DateOnly? Day, bool IsEmpty)
{
    /// <summary>True when batches may share a write.</summary>
    public bool IsShared => IsEmpty || Day is not null;

    public static BatchPlace Of(StoreBatch batch)
    {
        DateOnly? day = null;
        foreach (var slice in batch.Slices)
        {
            if (slice.Count == 0)
                continue;
            var next = StoredDay.Of(slice.ReceivedAt);
            if (day is { } known && known != next)
                return new BatchPlace(null, IsEmpty: false);
            day = next;
        }

        return new BatchPlace(day, day is null);
    }

    /// <summary>The days of a batch; last the one of its last event.</summary>
    public static List<DateOnly> DaysOf(StoreBatch batch)
    {
        var days = batch.Slices.Where(slice => slice.Count > 0).Select(slice => StoredDay.Of(slice.ReceivedAt)).ToList();
        var last = days[^1];
        return [.. days.Where(day => day != last).Distinct(), last];
    }
}
