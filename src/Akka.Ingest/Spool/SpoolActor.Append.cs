namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Pattern;

/// <summary>Group commit: one entry is with the journal, the next one forms of what comes meanwhile.</summary>
internal sealed partial class SpoolActor
{
    private readonly Queue<PendingAppend> _waiting = [];

    /// <summary>Requests with an identity that wait or are being written.</summary>
    private readonly Dictionary<UInt128, PendingAppend> _inFlight = [];
    private EntryGroup? _writing;

    private void OnAppend(SpoolProtocol.Append append)
    {
        if (_stopping)
        {
            Sender.Tell(new SpoolProtocol.AppendRejected(SpoolErrors.Stopping));
            return;
        }

        if (append.Block.EventCount == 0)
        {
            Sender.Tell(new SpoolProtocol.AppendRejected(SpoolErrors.NoEvents));
            return;
        }

        if (append.Identity is { } identity && AnswerKnown(identity))
            return;
        var pending = new PendingAppend(append, Sender);
        if (append.Identity is { } fresh)
            _inFlight[fresh.Key] = pending;
        _waiting.Enqueue(pending);
        WriteNextGroup();
    }

    private void OnFind(SpoolProtocol.Find find)
    {
        if (!AnswerKnown(find.Identity))
            Sender.Tell(SpoolProtocol.NotSeen.Instance);
    }

    /// <summary>Answers a repeated request now or with the first one's outcome; false for a new one.</summary>
    private bool AnswerKnown(IdempotencyIdentity identity)
    {
        if (_state.Find(identity.Key, _settings.Time.GetUtcNow().UtcDateTime) is { } known)
        {
            Sender.Tell(known.Body == identity.Body
                ? new SpoolProtocol.Appended(ReceiptOf(known.FirstOrdinal, known.Accepted, known.Rejected), Replayed: true)
                : new SpoolProtocol.AppendRejected(SpoolErrors.Conflict));
            return true;
        }

        if (!_inFlight.TryGetValue(identity.Key, out var first))
            return false;
        if (first.Append.Identity!.Value.Body == identity.Body)
            (first.Followers ??= []).Add(Sender);
        else
            Sender.Tell(new SpoolProtocol.AppendRejected(SpoolErrors.Conflict));
        return true;
    }

    private void WriteNextGroup()
    {
        if (_writing is not null || _waiting.Count == 0)
            return;
        var givenUp = new List<PendingAppend>();
        _writing = EntryGroup.Form(_waiting, _settings.MaxEntryBytes, _state.Epoch, _state.HeadOrdinal, givenUp);
        foreach (var pending in givenUp)
            Reject(pending, SpoolErrors.Unavailable);
        // PersistAsync and not Persist: Persist stashes every command until it is done, so no group could form meanwhile.
        if (_writing is { } group)
            PersistAsync(group.Entry, OnCommitted);
    }

    /// <summary>The transaction is committed and flushed. Only from here a request is told that it was accepted.</summary>
    private void OnCommitted(SpoolEntry entry)
    {
        var group = _writing!;
        _writing = null;
        var previous = _state.HeadEntrySequence;
        _state.Apply(entry, LastSequenceNr);
        _memory.Add(new SequencedEntry(LastSequenceNr, entry), previous);
        _settings.Gate.SetBacklog(Partition, _state.Backlog);
        var ordinal = entry.FirstOrdinal;
        foreach (var pending in group.Requests)
        {
            var block = pending.Append.Block;
            Answer(pending, new SpoolProtocol.Appended(ReceiptOf(ordinal, block.EventCount, block.RejectedCount), Replayed: false));
            ordinal += block.EventCount;
        }

        _journaledBytes += entry.Bytes.Length;
        _changed = true;
        AnswerParkedPull();
        WriteNextGroup();
        if (_stopping)
            StopWhenQuiet();
        else if (_journaledBytes >= _settings.SnapshotBytes)
            TakeSnapshot();
    }

    private void Answer(PendingAppend pending, SpoolProtocol.Appended appended)
    {
        Forget(pending);
        pending.Sender.Tell(appended);
        if (pending.Followers is not { } followers)
            return;
        foreach (var follower in followers)
            follower.Tell(appended with { Replayed = true });
    }

    private void Reject(PendingAppend pending, IngestError error)
    {
        Forget(pending);
        var rejected = new SpoolProtocol.AppendRejected(error);
        pending.Sender.Tell(rejected);
        if (pending.Followers is not { } followers)
            return;
        foreach (var follower in followers)
            follower.Tell(rejected);
    }

    private void Forget(PendingAppend pending)
    {
        if (pending.Append.Identity is { } identity)
            _inFlight.Remove(identity.Key);
    }

    private void RefuseWaiting(IngestError error)
    {
        while (_waiting.TryDequeue(out var pending))
            Reject(pending, error);
    }

    /// <summary>What was handed to the journal may be in it; what was not, is not.</summary>
    private void FailRequests(Exception? cause)
    {
        if (_writing is { } group)
        {
            _writing = null;
            var error = cause is OpenCircuitException ? SpoolErrors.Unavailable : SpoolErrors.Unknown;
            foreach (var pending in group.Requests)
                Reject(pending, error);
        }

        RefuseWaiting(_stopping ? SpoolErrors.Stopping : SpoolErrors.Unavailable);
    }

    private Receipt ReceiptOf(long firstOrdinal, int accepted, int rejected) =>
        new(_state.SpoolIdOf(firstOrdinal), Partition, firstOrdinal, accepted, rejected);
}
