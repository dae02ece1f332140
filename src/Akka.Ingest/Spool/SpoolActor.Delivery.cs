namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Ingest.Model;
using Microsoft.Extensions.Logging;

/// <summary>Entries out: where to go on, the entries themselves, what is settled.</summary>
internal sealed partial class SpoolActor
{
    /// <summary>Journal rows a backlog is read in; an entry can be a mebibyte and more.</summary>
    internal const int RowsPerRead = 8;

    private (IActorRef Sender, long After)? _parked;

    /// <summary>The one reconciliation that waits for the journal; a newer question takes its place.</summary>
    private (SpoolProtocol.Reconcile Question, IActorRef Sender)? _reconciling;

    /// <summary>In this incarnation the store was seen to agree with this journal, and the journal says so.</summary>
    private bool _verified;

    private sealed record EntryRead(SpoolProtocol.Reconcile Question, ISpoolEvent? Found, Exception? Failure) : INoSerializationVerificationNeeded;

    private void OnReconcile(SpoolProtocol.Reconcile question, IActorRef sender)
    {
        _reconciling = (question, sender);
        Follow(question, SpoolReconciliation.Decide(_state, question.SpoolId, question.Stored));
    }

    private void Follow(SpoolProtocol.Reconcile question, ReconcileStep step)
    {
        switch (step)
        {
            case ReconcileStep.Answer { Agreed: false } answer:
                Resume(question, answer);
                break;
            case ReconcileStep.Answer answer when _verified:
                Agree(question, answer);
                break;
            case ReconcileStep.Answer answer:
                PersistAsync(StoreVerified.Instance, verified =>
                {
                    _state.Apply(verified, LastSequenceNr);
                    _verified = true;
                    Agree(question, answer);
                });
                break;
            case ReconcileStep.ReadEntry read:
                _ = ReadEntryAsync(question, read.Sequence).PipeTo(Self);
                break;
            case ReconcileStep.Renew renew:
                Renew(question, renew.From);
                break;
        }
    }

    private void Renew(SpoolProtocol.Reconcile question, StoredPosition from)
    {
        var renewed = new SpoolRenewed(Guid.CreateVersion7(_settings.Time.GetUtcNow()), from);
        PersistAsync(renewed, @event =>
        {
            LogRenewed(_settings.Log, PersistenceId, question.SpoolId, @event.NewSpoolId, @event.From.Ordinal);
            _state.Apply(@event, LastSequenceNr);
            _changed = true;
            Resume(question, new ReconcileStep.Answer(_state.Checkpoint, null, Agreed: false));
        });
    }

    private void Agree(SpoolProtocol.Reconcile question, ReconcileStep.Answer answer)
    {
        if (question.SpoolId == _state.SpoolId)
            _state.ResetCheckpoint(answer.From);
        _changed = true;
        if (answer.Missing is { } missing)
            LogMissing(_settings.Log, PersistenceId, missing.From, missing.To);
        Resume(question, answer);
        if (!ReplayedMuch)
            return;
        // Only now is it known what the store holds, and so what may be trimmed.
        _replayedBytes = 0;
        _replayedRows = 0;
        SnapshotSoon();
    }

    private void Resume(SpoolProtocol.Reconcile question, ReconcileStep.Answer answer)
    {
        _settings.Gate.SetBacklog(Partition, _state.Backlog);
        if (_reconciling is not { } current || !ReferenceEquals(current.Question, question))
            return;
        _reconciling = null;
        current.Sender.Tell(new SpoolProtocol.Resume(_state.SpoolId, answer.From, answer.Missing));
    }

    private async Task<EntryRead> ReadEntryAsync(SpoolProtocol.Reconcile question, long sequence)
    {
        try
        {
            return new EntryRead(question, await _settings.Reader.ReadEventAsync(PersistenceId, sequence, CancellationToken.None), null);
        }
        catch (SpoolReadException exception)
        {
            return new EntryRead(question, null, exception);
        }
    }

    private void OnEntryRead(EntryRead read)
    {
        if (_reconciling is not { } current || !ReferenceEquals(current.Question, read.Question))
            return;
        if (read.Failure is { } failure)
        {
            // The sender's question times out and it asks again.
            LogReadFailed(_settings.Log, failure, PersistenceId);
            return;
        }

        Follow(read.Question, SpoolReconciliation.AfterRead(
            _state, read.Question.Stored!.Value, read.Found as SpoolEntry, unreadable: read.Found is CorruptEntry));
    }

    private void OnPull(SpoolProtocol.Pull pull)
    {
        if (!_verified)
        {
            Sender.Tell(SpoolProtocol.ReconcileFirst.Instance);
            return;
        }

        _parked = (Sender, Math.Max(pull.AfterSequence, _state.TrimmedThrough));
        AnswerParkedPull();
    }

    private void AnswerParkedPull()
    {
        if (_parked is not { } pull)
            return;
        _memory.DropThrough(pull.After);
        if (pull.After >= _state.HeadEntrySequence)
        {
            if (_memory.IsEmpty)
                _memory.Restart(Math.Max(pull.After, _state.HeadEntrySequence));
            return;
        }

        _parked = null;
        if (pull.After >= _memory.After && pull.After < _memory.Through)
        {
            pull.Sender.Tell(new SpoolProtocol.Entries(_memory.Oldest()));
            return;
        }

        // Below what memory holds, up to it; above it, up to the head, where memory takes over again.
        var end = pull.After < _memory.After ? _memory.After : _state.HeadEntrySequence;
        var to = Math.Min(end, pull.After + RowsPerRead);
        if (pull.After >= _memory.After && to == _state.HeadEntrySequence)
            _memory.Restart(to);
        pull.Sender.Tell(new SpoolProtocol.ReadFromJournal(PersistenceId, pull.After + 1, to));
    }

    private void OnConfirm(SpoolProtocol.Confirm confirm)
    {
        if (confirm.SpoolId != _state.SpoolId || !_state.Confirm(confirm.Position))
            return;
        _changed = true;
        _settings.Gate.SetBacklog(Partition, _state.Backlog);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "{PersistenceId}: the store holds another history under spool id {SpoolId}; events from ordinal {Ordinal} on go out under {NewSpoolId}")]
    private static partial void LogRenewed(ILogger logger, string persistenceId, Guid spoolId, Guid newSpoolId, long ordinal);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Error, Message = "{PersistenceId}: events {From} to {To} (exclusive) are neither in the store nor in the journal; the store was restored from an older copy")]
    private static partial void LogMissing(ILogger logger, string persistenceId, long from, long to);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{PersistenceId}: the entry to compare with the store cannot be read")]
    private static partial void LogReadFailed(ILogger logger, Exception exception, string persistenceId);
}
