namespace Akka.Ingest.Delivery;

using Akka.Streams;
using Akka.Streams.Stage;

/// <summary>
/// Chunks → batches. A batch leaves when it is full or when its first event has waited <c>MaxBatchDelay</c>, and never before
/// the writer asks for it: while a write is under way the next batch goes on filling.
/// </summary>
/// <remarks>
/// Akka's own GroupedWeightedWithin counts whole elements; here the limits cut inside an element. Time comes from the
/// injected provider.
/// </remarks>
internal sealed class BatchFlow(DeliverySettings settings, TimeProvider time) : GraphStage<FlowShape<ExpandedChunk, DeliveryBatch>>
{
    private readonly Inlet<ExpandedChunk> _in = new("batch.in");
    private readonly Outlet<DeliveryBatch> _out = new("batch.out");

    public override FlowShape<ExpandedChunk, DeliveryBatch> Shape => new(_in, _out);

    protected override Attributes InitialAttributes => Attributes.CreateName("batch");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, settings, time);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly BatchFlow _stage;
        private readonly BatchBuilder _open;
        private readonly TimeSpan _delay;
        private readonly TimeProvider _time;
        private Action<int>? _onDelay;
        private ITimer? _timer;
        private ExpandedChunk? _rest;
        private int _batchNumber;
        private bool _timerSet;
        private bool _isDue;

        public Logic(BatchFlow stage, DeliverySettings settings, TimeProvider time) : base(stage.Shape)
        {
            _stage = stage;
            _open = new BatchBuilder(settings.BatchSize, settings.MaxBatchBytes);
            _delay = settings.MaxBatchDelay;
            _time = time;
            SetHandlers(stage._in, stage._out, this);
        }

        public override void PreStart()
        {
            _onDelay = GetAsyncCallback<int>(OnDelay);
            Pull(_stage._in);
        }

        public override void PostStop() => _timer?.Dispose();

        public override void OnPush()
        {
            _rest = Grab(_stage._in);
            Advance();
        }

        public override void OnPull() => Advance();

        public override void OnUpstreamFinish()
        {
            _isDue = true;
            Advance();
        }

        private void OnDelay(int batchNumber)
        {
            if (batchNumber != _batchNumber)
                return;
            _isDue = true;
            Advance();
        }

        private void Advance()
        {
            if (_rest is not null && !_open.IsFull && _open.Take(_rest))
                _rest = null;
            if ((_open.IsFull || (_isDue && !_open.IsEmpty)) && IsAvailable(_stage._out))
                Emit();
            else if (!_open.IsEmpty && !_timerSet)
                SetTimer();

            if (IsClosed(_stage._in))
            {
                if (_rest is null && _open.IsEmpty)
                    CompleteStage();
            }
            else if (_rest is null && !_open.IsFull && !HasBeenPulled(_stage._in))
            {
                Pull(_stage._in);
            }
        }

        private void Emit()
        {
            Push(_stage._out, _open.Build());
            _batchNumber++;
            _isDue = IsClosed(_stage._in);
            _timerSet = false;
            if (_rest is null)
                return;
            if (_open.Take(_rest))
                _rest = null;
            SetTimer();
        }

        private void SetTimer()
        {
            _timerSet = true;
            _timer?.Dispose();
            var batchNumber = _batchNumber;
            _timer = _time.CreateTimer(_ => _onDelay!(batchNumber), null, _delay, Timeout.InfiniteTimeSpan);
        }
    }
}
