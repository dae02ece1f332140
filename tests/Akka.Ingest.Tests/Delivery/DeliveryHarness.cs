namespace Akka.Ingest.Tests.Delivery;

using System.Diagnostics.Metrics;
using System.Text.Json;
using Akka.Actor;
using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Telemetry;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>The real graph between a scripted spool and a faulty store, with dead letters in a folder of its own.</summary>
internal sealed class DeliveryHarness : IDisposable
{
    public const int Partition = 0;
    private readonly ActorSystem _system;
    private readonly TimeProvider _time;
    private readonly IActorRef _spool;
    private readonly TestMeterFactory _meters = new();
    private IActorRef _delivery = ActorRefs.Nobody;

    public DeliveryHarness(ActorSystem system, ScriptedSpool.Script spool, TimeProvider? time = null)
    {
        _system = system;
        _time = time ?? TimeProvider.System;
        Spool = spool;
        _spool = system.ActorOf(Props.Create(() => new ScriptedSpool(spool)));
        Store = new FaultyLogStore(Inner);
    }

    public static DeliverySettings FastSettings { get; } = new()
    {
        BatchSize = 10,
        MaxBatchDelay = TimeSpan.FromMilliseconds(1),
        MaxWriteRetries = 2,
        RetryDelay = TimeSpan.FromMilliseconds(0.1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(1),
        PullTimeout = TimeSpan.FromSeconds(10),
    };

    public ScriptedSpool.Script Spool { get; }
    public InMemoryLogStore Inner { get; } = new();
    public FaultyLogStore Store { get; private set; }
    public DeliverySettings Settings { get; init; } = FastSettings;
    public DeliveryStatus Status { get; private set; } = new(Partition);
    public string DeadLetterDirectory { get; } = Path.Combine(Path.GetTempPath(), $"akka-ingest-{Guid.NewGuid():N}", "deadletter");
    public DeadLetterSink DeadLetters { get; private set; } = null!;

    public StoredPosition? Position => Inner.Position(Spool.SpoolId, Partition);

    public IReadOnlyList<long> StoredOrdinals => [.. Inner.Events(Spool.SpoolId, Partition).Select(stored => stored.Id.Ordinal)];

    /// <summary>All dead letters, in the order of their ordinals.</summary>
    public IReadOnlyList<JsonElement> DeadLetterLines => Directory.Exists(DeadLetterDirectory)
        ? [.. Directory.EnumerateFiles(DeadLetterDirectory, "*.ndjson").SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement).OrderBy(OrdinalOf)]
        : [];

    public IReadOnlyList<long> DeadLetterOrdinals => [.. DeadLetterLines.Select(OrdinalOf)];

    public static long OrdinalOf(JsonElement line) =>
        EventId.TryParse(line.GetProperty("id").GetString(), out var id) ? id.Ordinal : throw new InvalidDataException("Bad id.");

    public DeliveryHarness Start()
    {
        DeadLetters = new DeadLetterSink(DeadLetterDirectory, NullLogger.Instance);
        Status = new DeliveryStatus(Partition);
        var services = new DeliveryServices(
            Store, _spool, Spool, DeadLetters, Settings, new DeliveryMetrics(_meters), _time, new Random(1), NullLogger.Instance);
        _delivery = _system.ActorOf(DeliveryActor.Props(services, Partition, Status));
        return this;
    }

    public Task<bool> StopAsync() => DeliveryProtocol.StopAsync(_delivery, TimeSpan.FromSeconds(30));

    /// <summary>As if the process died: the actor and its stream vanish, the store no longer answers them; then a new process starts.</summary>
    public async Task CrashAndRestartAsync(params IEnumerable<StoreFault> plan)
    {
        _system.Stop(_delivery);
        var poison = Store.IsPoison;
        var before = Store.BeforeAppend;
        Store = new FaultyLogStore(Inner) { IsPoison = poison, BeforeAppend = before }.Plan(plan);
        await Task.Yield();
        Start();
    }

    public void Offer(Akka.Ingest.Spool.SequencedEntry entry) => _spool.Tell(entry);

    public Task UntilSettledAsync() => UntilAsync(() => Position == TestEntries.EndOf(Spool.Entries[^1]), () => $"{Position}, {Status.Current}, pulls {Spool.Pulls}");

    /// <summary>Waits for a condition; the limit only ends a test that hangs.</summary>
    public static async Task UntilAsync(Func<bool> condition, Func<string>? describe = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Still waiting: {describe?.Invoke()}");
            await Task.Delay(1);
        }
    }

    public void Dispose()
    {
        _system.Stop(_delivery);
        _meters.Dispose();
        var root = Path.GetDirectoryName(DeadLetterDirectory)!;
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
    }

    private sealed class TestMeterFactory : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
