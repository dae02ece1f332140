namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Persistence;
using Microsoft.Extensions.Logging;

/// <summary>Snapshot at the head, then the journal is trimmed behind the checkpoint, then older snapshots go. In this order.</summary>
internal sealed partial class SpoolActor
{
    /// <summary>Rows a delete takes at most: a delete shares the journal's writer and its circuit breaker with the appends.</summary>
    private const int TrimStep = 32;

    /// <summary>A crash may have cut the last trim short; deleting again what is gone costs little.</summary>
    private const int TrimBackOff = 1_024;

    private long _journaledBytes;
    private bool _changed;
    private bool _snapshotInFlight;
    private bool _trimming;
    private long _trimmedThrough;
    private long _trimTarget;

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
                return true;
            case SaveSnapshotFailure failed:
                LogSnapshotFailed(_settings.Log, failed.Cause, PersistenceId);
                _snapshotInFlight = false;
                _changed = true;
                if (_stopping)
                    Context.Stop(Self);
                return true;
            case DeleteMessagesSuccess deleted:
                _trimming = false;
                _trimmedThrough = Math.Max(_trimmedThrough, deleted.ToSequenceNr);
                TrimNext();
                return true;
            case DeleteMessagesFailure failed:
                // Tried again after the next snapshot, which the next tick takes.
                _trimming = false;
                _changed = true;
                LogTrimFailed(_settings.Log, failed.Cause, PersistenceId);
                return true;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure:
                return true;
            default:
                return false;
        }
    }

    private void TakeSnapshot()
    {
        if (_snapshotInFlight)
            return;
        _snapshotInFlight = true;
        _changed = false;
        _journaledBytes = 0;
        // In the snapshot first: a recovery must know what may be gone, whether or not the deleting got so far.
        _state.MoveTrim();
        SaveSnapshot(new SpoolSnapshot(SpoolStateFormat.Write(_state)));
    }

    private void TrimNext()
    {
        if (_trimming || _stopping || _trimmedThrough >= _trimTarget)
            return;
        _trimming = true;
        DeleteMessages(Math.Min(_trimTarget, _trimmedThrough + TrimStep));
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
