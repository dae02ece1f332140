namespace Akka.Ingest.Delivery;

using Akka.Actor;
using Akka.Ingest.Storage;
using Akka.Streams;

/// <summary>Keeps the delivery of one partition running: a shell that runs the stream, and again after a pause when it fails.</summary>
#pragma warning disable CA1001 // The source outlives the actor: a run that is still ending uses its token. It holds nothing to free.
internal sealed class DeliveryActor : ReceiveActor, IWithTimers
#pragma warning restore CA1001
{
    private readonly DeliveryServices _services;
    private readonly int _partition;
    private readonly DeliveryStatus _status;
    private readonly RetryPolicy _policy;
    private readonly CancellationTokenSource _stopping = new();
    private readonly IMaterializer _materializer = Context.Materializer();
    private long _failingSince;
    private long _lastOrdinal = -1;
    private int _failures;
    private bool _isRunning;

    public DeliveryActor(DeliveryServices services, int partition, DeliveryStatus status)
    {
        _services = services;
        _partition = partition;
        _status = status;
        _policy = services.CreateRetryPolicy();
        Receive<Run>(_ => OnRun());
        Receive<RunEnded>(OnRunEnded);
        Receive<DeliveryProtocol.Stop>(_ => OnStop());
        Receive<StopTimedOut>(_ => OnStopTimedOut());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(DeliveryServices services, int partition, DeliveryStatus status) =>
        Akka.Actor.Props.Create(() => new DeliveryActor(services, partition, status));

    protected override void PreStart() => OnRun();

    protected override void PostStop()
    {
        _stopping.Cancel();
        _status.Enter(DeliveryState.Stopped);
    }

    private void OnRun()
    {
        _isRunning = true;
        _status.Enter(DeliveryState.Starting);
        _ = DeliveryRun.RunAsync(_services, _partition, _status, _materializer, _stopping.Token)
            .PipeTo(Self, success: () => new RunEnded(null), failure: exception => new RunEnded(exception));
    }

    private void OnRunEnded(RunEnded ended)
    {
        _isRunning = false;
        if (_stopping.IsCancellationRequested)
        {
            DeliveryLog.Stopped(_services.Logger, _partition, _status.Current.Stored.Offset.ToString());
            Context.Stop(Self);
        }
        else if (ended.Failure is null)
        {
            _failures = 0;
            OnRun();
        }
        else
        {
            RunAgain(ended.Failure is AggregateException several ? several.Flatten().InnerExceptions[0] : ended.Failure);
        }
    }

    private void RunAgain(Exception failure)
    {
        var ordinal = _status.Current.Stored.Ordinal;
        if (_failures == 0 || ordinal != _lastOrdinal)
        {
            _failures = 0;
            _failingSince = _services.Time.GetTimestamp();
        }

        _lastOrdinal = ordinal;
        var pause = _policy.Decide(++_failures, StoreFailureKind.Transient, _services.Time.GetElapsedTime(_failingSince)).Pause!.Value;
        _status.Failed(failure.Message, _services.Time.GetUtcNow().UtcDateTime);
        _status.Change(snapshot => snapshot with { Restarts = snapshot.Restarts + 1 });
        _services.Metrics.Restarted(_partition, failure.GetType().Name);
        Report(failure, pause);
        Timers.StartSingleTimer(nameof(Run), Run.Instance, pause);
    }

    private void Report(Exception failure, TimeSpan pause)
    {
        switch (failure)
        {
            case FencedException fenced:
                _services.Metrics.Fenced(_partition);
                DeliveryLog.Fenced(_services.Logger, _partition, fenced.Expected.ToString(), fenced.Actual?.ToString() ?? "unknown");
                break;
            case AskTimeoutException or StoreException:
                DeliveryLog.Waiting(_services.Logger, _partition, failure.Message, pause);
                break;
            default:
                DeliveryLog.Restarting(_services.Logger, failure, _partition, pause);
                break;
        }
    }

    private void OnStop()
    {
        _stopping.Cancel();
        Timers.Cancel(nameof(Run));
        if (_isRunning)
            Timers.StartSingleTimer(nameof(StopTimedOut), StopTimedOut.Instance, _services.Settings.StopTimeout);
        else
            Context.Stop(Self);
    }

    private void OnStopTimedOut()
    {
        DeliveryLog.StopTimedOut(_services.Logger, _partition, _services.Settings.StopTimeout);
        Context.Stop(Self);
    }

    private sealed record Run
    {
        public static readonly Run Instance = new();
    }

    private sealed record RunEnded(Exception? Failure);

    private sealed record StopTimedOut
    {
        public static readonly StopTimedOut Instance = new();
    }
}
