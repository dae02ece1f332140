namespace Akka.Ingest.Stores.Segmented.Active;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>Appends frames to the active file. For one thread.</summary>
/// <param name="nextNumber">Number of the next active file; above that of every file there ever was.</param>
/// <param name="onEnded">Told when a file is complete and can be sealed.</param>
internal sealed class FrameLog(
    SegmentedStoreSettings settings, IStoreFileSystem files, StoreState state, ExpandedFrames expanded, long nextNumber, TimeProvider clock, Action onEnded)
{
    private long _nextNumber = nextNumber;
    private ActiveFile? _active;
    private long _length;
    private bool _isUncertain;
    private long _rows;
    private long _bytes;
    private int _frames;
    private long _began;

    /// <summary>True where what is written should be sealed for its age.</summary>
    public bool IsOld => _rows > 0 && clock.GetElapsedTime(_began) > settings.SealAge;

    /// <summary>Writes what fits its position; one flush for all.</summary>
    /// <exception cref="IOException">Nothing was written, as far as anybody will see.</exception>
    public StoreAppendResult[] Write(IReadOnlyList<StoreBatch> batches)
    {
        Restore();
        if (IsFull || IsOld)
            Roll();
        var active = _active ?? Begin();
        var results = new StoreAppendResult[batches.Count];
        var built = new List<BuiltFrame>();
        try
        {
            Build(batches, results, built);
            if (built.Count > 0)
                Flush(active, built);
            return results;
        }
        finally
        {
            built.ForEach(frame => frame.Dispose());
        }
    }

    /// <summary>Ends the active file; the next append begins another one.</summary>
    public void Roll()
    {
        Restore();
        if (_active is null || _frames == 0)
            return;
        Mark();
        state.Complete();
        _active = null;
        onEnded();
    }

    public void Close()
    {
        Restore();
        if (_active is not null && _frames > 0)
            Mark();
    }

    private bool IsFull => _rows >= settings.SealRows || _bytes >= settings.SealBytes || _frames >= settings.SealFrames;

    private ActiveFile Begin()
    {
        var number = _nextNumber;
        var active = new ActiveFile(files, Path.Combine(settings.Folder, ActiveFile.NameOf(number)), number);
        try
        {
            active.File.SetLength(0);
            files.FlushDirectory(settings.Folder);
        }
        catch
        {
            active.Dispose();
            throw;
        }

        _nextNumber++;
        (_length, _rows, _bytes, _frames, _began) = (0, 0, 0, 0, clock.GetTimestamp());
        state.Add(active);
        return _active = active;
    }

    private void Build(IReadOnlyList<StoreBatch> batches, StoreAppendResult[] results, List<BuiltFrame> built)
    {
        var moved = new Dictionary<(Guid SpoolId, int Partition), StoredPosition>();
        var arrival = state.View.NextArrival;
        var offset = _length;
        for (var i = 0; i < batches.Count; i++)
        {
            var batch = batches[i];
            var key = (batch.SpoolId, batch.Partition);
            var actual = moved.TryGetValue(key, out var position) ? position : state.Position(batch.SpoolId, batch.Partition);
            if (batch.Expected != (actual ?? StoredPosition.Start))
            {
                results[i] = new StoreAppendResult.OffsetMismatch(actual);
                continue;
            }

            try
            {
                var frame = FrameBuilder.Build(batch, arrival, _length, offset, settings.CompressFrames);
                built.Add(frame);
                offset = frame.Place.End;
                arrival += frame.Header.Events;
                moved[key] = batch.Next;
                results[i] = StoreAppendResult.Appended.Instance;
            }
            catch (InvalidDataException exception)
            {
                results[i] = new StoreAppendResult.Failed(StoreFailures.Of(exception));
            }
        }
    }

    private void Flush(ActiveFile active, List<BuiltFrame> built)
    {
        _isUncertain = true;
        active.File.Write(_length, [.. built.SelectMany(frame => frame.Buffers)]);
        active.File.Flush();
        _isUncertain = false;
        _length = built[^1].Place.End;
        _rows += built.Sum(frame => (long)frame.Header.Events);
        _bytes += built.Sum(frame => (long)frame.Place.RawBytes);
        _frames += built.Count;
        state.Add(built.ConvertAll(frame => FrameBlock.Of(active, frame.Place, frame.Header, expanded)));
    }

    private void Mark()
    {
        using var mark = FrameBuilder.EndMark(_length);
        _isUncertain = true;
        _active!.File.Write(_length, [.. mark.Buffers]);
        _active.File.Flush();
        _isUncertain = false;
        _length = mark.Place.End;
    }

    // After a write that failed nobody knows what is in the file behind the last flush. It must be gone before anything else is taken:
    // a restart would find it, and what is appended meanwhile would not fit behind it.
    private void Restore()
    {
        if (!_isUncertain)
            return;
        _active!.File.SetLength(_length);
        _active.File.Flush();
        _isUncertain = false;
    }
}
