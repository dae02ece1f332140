namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

/// <summary>
/// The partitions of one node: routes <see cref="SpoolProtocol"/> by partition, as a shard region would in a cluster, and starts a
/// partition again, ever slower, when its journal fails. No append stays unanswered: while a partition is down or recovering it
/// is told <see cref="Model.IngestErrorKind.JournalUnavailable"/> here.
/// </summary>
internal sealed partial class SpoolPartitions : UntypedActor, IWithTimers
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(30);

    /// <summary>Questions kept for a partition that is down; a sender asks again after its own timeout, so few are enough.</summary>
    private const int MaxKept = 16;

    private readonly Func<int, Props> _partitionProps;
    private readonly Action? _maintenance;
    private readonly ILogger _log;
    private readonly Slot[] _slots;
    private bool _stopping;

    /// <param name="partitions">How many.</param>
    /// <param name="partitionProps">Makes partition n.</param>
    /// <param name="maintenance">Run now and then, never twice at a time: gives unused space of the journal file back.</param>
    /// <param name="log">Log.</param>
    public SpoolPartitions(int partitions, Func<int, Props> partitionProps, Action? maintenance, ILogger log)
    {
        _partitionProps = partitionProps;
        _maintenance = maintenance;
        _log = log;
        _slots = [.. Enumerable.Range(0, partitions).Select(number => new Slot(number))];
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props PropsFor(int partitions, Func<int, Props> partitionProps, Action? maintenance, ILogger log) =>
        Props.Create(() => new SpoolPartitions(partitions, partitionProps, maintenance, log));

    protected override void PreStart()
    {
        // What was in the mailbox of a partition that stopped comes by here, and is answered.
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        foreach (var slot in _slots)
            Start(slot);
        if (_maintenance is not null)
            Timers.StartSingleTimer(Maintain.Instance, Maintain.Instance, MaintenanceInterval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    /// <summary>A partition that fails is stopped; <see cref="Terminated"/> starts it again after a pause.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(exception =>
    {
        LogFailed(_log, exception);
        return Directive.Stop;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SpoolProtocol.ISpoolCommand command:
                Route(command);
                break;
            case SpoolActor.Ready ready:
                OnReady(_slots[ready.Partition]);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case StartAgain again:
                Start(_slots[again.Partition]);
                break;
            case DeadLetter letter:
                OnDeadLetter(letter);
                break;
            case SpoolProtocol.StopPartition:
                OnStop();
                break;
            case Maintain:
                _ = RunMaintenance().PipeTo(Self, success: () => Maintained.Instance, failure: exception => new Status.Failure(exception));
                break;
            case Status.Failure failure:
                LogMaintenanceFailed(_log, failure.Cause);
                Timers.StartSingleTimer(Maintain.Instance, Maintain.Instance, MaintenanceInterval);
                break;
            case Maintained:
                Timers.StartSingleTimer(Maintain.Instance, Maintain.Instance, MaintenanceInterval);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Route(SpoolProtocol.ISpoolCommand command)
    {
        var slot = _slots[command.Partition];
        if (slot.IsReady)
            slot.Child!.Forward(command);
        else if (command is SpoolProtocol.Append or SpoolProtocol.Find)
            Sender.Tell(new SpoolProtocol.AppendRejected(_stopping ? SpoolErrors.Stopping : SpoolErrors.Unavailable));
        else if (!_stopping && slot.Kept.Count < MaxKept)
            slot.Kept.Enqueue((command, Sender));
    }

    private void Start(Slot slot)
    {
        if (_stopping)
            return;
        slot.Child = Context.Watch(Context.ActorOf(_partitionProps(slot.Partition), SpoolActor.PersistenceIdOf(slot.Partition)));
    }

    private static void OnReady(Slot slot)
    {
        slot.IsReady = true;
        slot.Failures = 0;
        while (slot.Kept.TryDequeue(out var kept))
            slot.Child!.Tell(kept.Command, kept.Sender);
    }

    private void OnTerminated(IActorRef child)
    {
        if (Array.Find(_slots, slot => child.Equals(slot.Child)) is not { } slot)
            return;
        slot.Child = null;
        slot.IsReady = false;
        if (_stopping)
        {
            if (Array.TrueForAll(_slots, one => one.Child is null))
                Context.Stop(Self);
            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(slot.Failures++, 10));
        Timers.StartSingleTimer(slot, new StartAgain(slot.Partition), pause < LongestPause ? pause : LongestPause);
    }

    /// <summary>The message was never processed, so nothing of it was written.</summary>
    private void OnDeadLetter(DeadLetter letter)
    {
        if (letter.Message is SpoolProtocol.Append or SpoolProtocol.Find && letter.Recipient.Path.Parent.Equals(Self.Path))
            letter.Sender.Tell(new SpoolProtocol.AppendRejected(_stopping ? SpoolErrors.Stopping : SpoolErrors.Unavailable));
    }

    private void OnStop()
    {
        _stopping = true;
        foreach (var slot in _slots)
        {
            // One that is not ready waits for its journal and holds nothing.
            if (slot.IsReady)
                slot.Child!.Tell(SpoolProtocol.StopPartition.Instance);
            else if (slot.Child is { } child)
                Context.Stop(child);
            slot.IsReady = false;
        }

        if (Array.TrueForAll(_slots, slot => slot.Child is null))
            Context.Stop(Self);
    }

    private Task RunMaintenance() => Task.Run(_maintenance!);

    private sealed class Slot(int partition)
    {
        public int Partition { get; } = partition;
        public IActorRef? Child { get; set; }
        public bool IsReady { get; set; }
        public int Failures { get; set; }
        public Queue<(object Command, IActorRef Sender)> Kept { get; } = [];
    }

    private sealed record StartAgain(int Partition) : INoSerializationVerificationNeeded;

    private sealed class Maintain : INoSerializationVerificationNeeded
    {
        public static readonly Maintain Instance = new();
    }

    private sealed class Maintained : INoSerializationVerificationNeeded
    {
        public static readonly Maintained Instance = new();
    }

    [LoggerMessage(EventId = 3030, Level = LogLevel.Error, Message = "A spool partition failed and is started again")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "Unused space of the journal file was not given back")]
    private static partial void LogMaintenanceFailed(ILogger logger, Exception exception);
}
