namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Persistence;
using Microsoft.Extensions.Logging;

/// <summary>Snapshot at the head, then the journal is trimmed behind the checkpoint, then older snapshots go. In this order.</summary>
internal sealed partial class SpoolActor
{
    private long _journaledBytes;
    private long _replayedBytes;
    private int _replayedRows;
    private bool _snapshotDue;
    private bool _changed;
    private bool _snapshotInFlight;
    private bool _trimming;
    private long _trimmedThrough;
    private long _trimTarget;
    private long _snapshotSequence;

    private sealed record Trimmed(long ToSequence, bool Done, Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed class CheckpointTick : INoSerializationVerificationNeeded
    {
        public static readonly CheckpointTick Instance = new();
    }

    private bool OnCheckpointMessage(object message)
    {
        switch (message)
        {
            case CheckpointTick:
                if (_changed)
                    TakeSnapshot();
                return true;
            case SaveSnapshotSuccess saved:
                _snapshotInFlight = false;
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                _trimTarget = Math.Min(_state.TrimmedThrough, saved.Metadata.SequenceNr);
                StopWhenQuiet();
                TrimNext();
                if (_snapshotDue && !_stopping)
                    SnapshotSoon();
                return true;
            case SaveSnapshotFailure failed:
                LogSnapshotFailed(_settings.Log, failed.Cause, PersistenceId);
                _snapshotInFlight = false;
                _changed = true;
                if (_stopping)
                    Context.Stop(Self);
                return true;
            case Trimmed { Failure: { } failure }:
                // Tried again after the next snapshot, which the next tick takes.
                _trimming = false;
                _changed = true;
                LogTrimFailed(_settings.Log, failure, PersistenceId);
                return true;
            case Trimmed trimmed:
                _trimming = false;
                if (trimmed.Done)
                    _trimmedThrough = trimmed.ToSequence;
                TrimNext();
                return true;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure:
                return true;
            default:
                return false;
        }
    }

    private bool ReplayedMuch =>
        _replayedBytes >= _settings.SnapshotAfterReplayBytes || _replayedRows >= _settings.SnapshotAfterReplayRows;

    /// <summary>Now, or after the one that is being saved.</summary>
    private void SnapshotSoon()
    {
        _snapshotDue = _snapshotInFlight;
        TakeSnapshot();
    }

    private void TakeSnapshot()
    {
        if (_snapshotInFlight)
            return;
        _snapshotInFlight = true;
        if (LastSequenceNr > _snapshotSequence)
        {
            SaveSnapshot();
            return;
        }

        // A save that fails deletes what it finds under its sequence number: the snapshot before, if that were the same. So the
        // journal moves on first.
        ISpoolEvent marker = _verified ? StoreVerified.Instance : new Owned(_state.Epoch);
        PersistAsync(marker, @event =>
        {
            _state.Apply(@event, LastSequenceNr);
            SaveSnapshot();
        });
    }

    private void SaveSnapshot()
    {
        _changed = false;
        _journaledBytes = 0;
        _snapshotSequence = LastSequenceNr;
        // In the snapshot first: a recovery must know what may be gone, whether or not the deleting got so far.
        _state.MoveTrim();
        SaveSnapshot(new SpoolSnapshot(SpoolStateFormat.Write(_state)));
    }

    private void TrimNext()
    {
        if (_trimming || _stopping || _trimmedThrough >= _trimTarget)
            return;
        _trimming = true;
        _ = TrimStepAsync(_trimTarget).PipeTo(Self);
    }

    private async Task<Trimmed> TrimStepAsync(long toSequence)
    {
        try
        {
            return new Trimmed(toSequence, await _settings.Trim.TrimAsync(PersistenceId, toSequence, CancellationToken.None), null);
        }
        catch (SpoolReadException exception)
        {
            return new Trimmed(toSequence, false, exception);
        }
    }

    /// <summary>A stop waits for the entry being written and for a last snapshot.</summary>
    private void StopWhenQuiet()
    {
        if (!_stopping || _writing is not null || _snapshotInFlight)
            return;
        if (_changed)
            TakeSnapshot();
        else
            Context.Stop(Self);
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Warning, Message = "{PersistenceId}: the snapshot was not saved")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception exception, string persistenceId);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Warning, Message = "{PersistenceId}: the journal was not trimmed")]
    private static partial void LogTrimFailed(ILogger logger, Exception exception, string persistenceId);
}
