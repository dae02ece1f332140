namespace Akka.Ingest.Spool;

using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Persistence;
using Microsoft.Extensions.Logging;

/// <summary>What a partition is made with.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Partitions">How many there are.</param>
/// <param name="Reader">Reads its journal back.</param>
/// <param name="Trim">Takes settled entries out of it.</param>
/// <param name="Gate">Is told the backlog.</param>
internal sealed record SpoolActorSettings(int Partition, int Partitions, ISpoolJournalReader Reader, ISpoolJournalTrim Trim, BacklogGate Gate)
{
    public int MaxEntryBytes { get; init; } = 1024 * 1024;

    /// <summary>For this partition.</summary>
    public long MaxMemoryBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>For this partition.</summary>
    public int MaxIdempotencyKeys { get; init; } = 25_000;

    /// <summary>A snapshot is taken after this many bytes were journaled …</summary>
    public long SnapshotBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>… or after this long, if anything changed. What it costs a restart: at most so much is replayed.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A recovery that replayed more bytes of entries than this …</summary>
    public long SnapshotAfterReplayBytes { get; init; } = 1024 * 1024;

    /// <summary>… or more journal rows takes a snapshot at once, so that a process that never lives long still starts soon and trims.</summary>
    public int SnapshotAfterReplayRows { get; init; } = 256;

    /// <summary>Where rows go that cannot be read; null where nobody wants them.</summary>
    public CorruptEntries? Corrupt { get; init; }

    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }
}

/// <summary>
/// One partition of the spool, and the only writer of the journal <c>spool-{n}</c>: recovers, takes ownership, then serves
/// <see cref="SpoolProtocol"/>. The parts: requests in (<c>.Append</c>), entries out (<c>.Delivery</c>), what makes a restart
/// short and the journal small (<c>.Checkpoint</c>).
/// </summary>
internal sealed partial class SpoolActor : UntypedPersistentActor, IWithTimers
{
    private readonly SpoolActorSettings _settings;
    private readonly EntryMemory _memory;
    private SpoolState _state;
    private bool _stopping;

    public SpoolActor(SpoolActorSettings settings)
    {
        _settings = settings;
        _memory = new EntryMemory(settings.MaxMemoryBytes);
        _state = new SpoolState(settings.MaxIdempotencyKeys);
        PersistenceId = PersistenceIdOf(settings.Partition);
    }

    public override string PersistenceId { get; }
    public ITimerScheduler Timers { get; set; } = null!;
    private int Partition => _settings.Partition;

    /// <summary>Told to the parent once the partition has recovered and owns its journal.</summary>
    internal sealed record Ready(int Partition) : INoSerializationVerificationNeeded;

    public static string PersistenceIdOf(int partition) => "spool-" + partition.ToString(CultureInfo.InvariantCulture);

    public static Props PropsFor(SpoolActorSettings settings) => Props.Create(() => new SpoolActor(settings));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer offer:
                _snapshotSequence = offer.Metadata.SequenceNr;
                RestoreSnapshot(offer);
                break;
            case ISpoolEvent @event:
                _replayedRows++;
                if (@event is CorruptEntry corrupt)
                {
                    LogCorruptEvent(_settings.Log, PersistenceId, LastSequenceNr, corrupt.Manifest, corrupt.Reason);
                    _settings.Corrupt?.SetAside(PersistenceId, LastSequenceNr, corrupt);
                }

                _state.Apply(@event, LastSequenceNr);
                if (@event is SpoolEntry entry)
                    _replayedBytes += entry.Bytes.Length;
                break;
            case RecoveryCompleted:
                _journaledBytes = _replayedBytes;
                TakeOwnership();
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case SpoolProtocol.Append append:
                OnAppend(append);
                break;
            case SpoolProtocol.Find find:
                OnFind(find);
                break;
            case SpoolProtocol.Pull pull:
                OnPull(pull);
                break;
            case SpoolProtocol.Confirm confirm:
                OnConfirm(confirm);
                break;
            case SpoolProtocol.Reconcile reconcile:
                OnReconcile(reconcile, Sender);
                break;
            case EntryRead read:
                OnEntryRead(read);
                break;
            case SpoolProtocol.GetStatus:
                Sender.Tell(Status());
                break;
            case SpoolProtocol.StopPartition:
                _stopping = true;
                RefuseWaiting(SpoolErrors.Stopping);
                StopWhenQuiet();
                break;
            default:
                if (!OnCheckpointMessage(message))
                    Unhandled(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        LogPersistFailed(_settings.Log, cause, PersistenceId, sequenceNr);
        FailRequests(cause);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        LogPersistFailed(_settings.Log, cause, PersistenceId, sequenceNr);
        FailRequests(cause);
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        LogRecoveryFailed(_settings.Log, reason, PersistenceId);

    protected override void PostStop()
    {
        FailRequests(null);
        base.PostStop();
    }

    /// <summary>
    /// Nothing is served and nothing delivered before this incarnation has its own mark in the journal: a former owner that
    /// still writes fails on the sequence number.
    /// </summary>
    private void TakeOwnership()
    {
        var events = new List<ISpoolEvent>();
        if (_state.SpoolId == Guid.Empty)
        {
            events.Add(LastSequenceNr == 0
                ? new SpoolCreated(Guid.CreateVersion7(_settings.Time.GetUtcNow()), _settings.Partitions)
                : new SpoolRenewed(Guid.CreateVersion7(_settings.Time.GetUtcNow()), _state.Checkpoint));
        }

        events.Add(new Owned(_state.Epoch + 1));
        PersistAll(events, @event =>
        {
            _state.Apply(@event, LastSequenceNr);
            if (@event is not Owned)
                return;
            _memory.Restart(_state.HeadEntrySequence);
            _settings.Gate.SetBacklog(Partition, _state.Backlog);
            Timers.StartPeriodicTimer(CheckpointTick.Instance, CheckpointTick.Instance, _settings.SnapshotInterval);
            Context.Parent.Tell(new Ready(Partition));
            if (ReplayedMuch)
                SnapshotSoon();
            LogReady(_settings.Log, PersistenceId, _state.Epoch, LastSequenceNr, _state.Backlog);
        });
    }

    private void RestoreSnapshot(SnapshotOffer offer)
    {
        try
        {
            var bytes = (offer.Snapshot as SpoolSnapshot)?.Bytes ?? [];
            _state = SpoolStateFormat.Read(bytes, offer.Metadata.SequenceNr, _settings.MaxIdempotencyKeys);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException)
        {
            // What was before it may be trimmed. A new spool id and ordinals never used keep all that follows apart from it.
            LogCorruptEvent(_settings.Log, PersistenceId, offer.Metadata.SequenceNr, SpoolSerializer.StateManifest, exception.Message);
            _state.SkipOrdinals(1L << 40);
            _state.HeadSequence = offer.Metadata.SequenceNr;
            _state.HeadEntrySequence = offer.Metadata.SequenceNr;
        }
    }

    private SpoolProtocol.SpoolStatus Status() => new(
        Partition, _state.SpoolId, LastSequenceNr, _state.HeadOrdinal, _state.Checkpoint, _state.OldestUnstoredAt, _state.EarlierSpoolIds)
    {
        LostOrdinals = _state.GapAfter(_state.Checkpoint.Ordinal),
        Accepted = _state.Accepted.ToImmutableDictionary(StringComparer.Ordinal),
    };

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{PersistenceId} owned by epoch {Epoch} at sequence {Sequence}, {Backlog} events not stored")]
    private static partial void LogReady(ILogger logger, string persistenceId, uint epoch, long sequence, long backlog);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "{PersistenceId}: the journal did not take sequence {Sequence}")]
    private static partial void LogPersistFailed(ILogger logger, Exception exception, string persistenceId, long sequence);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "{PersistenceId}: the journal cannot be read")]
    private static partial void LogRecoveryFailed(ILogger logger, Exception exception, string persistenceId);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Critical, Message = "{PersistenceId}: the {Manifest} at sequence {Sequence} cannot be read: {Reason}")]
    private static partial void LogCorruptEvent(ILogger logger, string persistenceId, long sequence, string manifest, string reason);
}
