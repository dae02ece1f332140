namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Persistence.Sql;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>What an entry costs to make and to read. The journal as a whole is measured by <see cref="JournalMeasurement"/>.</summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private readonly EventBlock _large = JournalMeasurement.Block(1_000);
    private readonly EventBlock[] _small = [.. Enumerable.Range(0, 64).Select(_ => JournalMeasurement.Block(1))];
    private byte[] _entry = [];

    [GlobalSetup]
    public void Setup() => _entry = Form([_large]).Entry.Bytes;

    [Benchmark]
    public object FormOneRequestOf1000Events() => Form([_large]);

    [Benchmark]
    public object Form64RequestsOfOneEvent() => Form(_small);

    [Benchmark]
    public object ReadEntryOf1000Events() => SpoolEntryFormat.Read(_entry);

    private static EntryGroup Form(EventBlock[] blocks)
    {
        var waiting = new Queue<PendingAppend>(blocks.Length);
        foreach (var block in blocks)
            waiting.Enqueue(new PendingAppend(new SpoolProtocol.Append(0, block, DateTime.UnixEpoch, "key", null), ActorRefs.Nobody));
        return EntryGroup.Form(waiting, 1024 * 1024, 1, 0, [])!;
    }
}

/// <summary>Appends through the real journal and tells CPU for each event, latency and bytes; the store is only pretended.</summary>
public static class JournalMeasurement
{
    /// <param name="pageSize">Bytes of a database page.</param>
    /// <param name="walBytes">Size at which the log is copied into the file.</param>
    /// <param name="partitions">Spool partitions.</param>
    /// <param name="clients">Requests at a time.</param>
    /// <param name="events">Events of a request.</param>
    /// <param name="duration">How long to measure, after a second of warming up.</param>
    public static async Task<string> RunAsync(int pageSize, long walBytes, int partitions, int clients, int events, TimeSpan duration)
    {
        var folder = Directory.CreateTempSubdirectory("akka-ingest-journal-").FullName;
        var journal = new SpoolJournal(folder, partitions, TimeProvider.System, pageSize, walBytes);
        journal.Initialize();
        using var system = ActorSystem.Create("journal", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(SpoolHosting.JournalConfig().WithFallback(SqlPersistence.DefaultConfiguration)),
            SpoolHosting.ConnectionSetup(journal)));
        var gate = new BacklogGate(new IngestionPipelineOptions { QueueCapacity = 1L << 40, Partitions = partitions }, TimeProvider.System);
        var reader = new SpoolJournalReader(() => system, new CorruptEntries(folder, NullLogger<CorruptEntries>.Instance));
        var spool = system.ActorOf(SpoolPartitions.PropsFor(
            partitions,
            partition => SpoolActor.PropsFor(new SpoolActorSettings(partition, partitions, reader, new SpoolJournalTrim(journal), gate) { Time = TimeProvider.System, Log = NullLogger.Instance }),
            null,
            NullLogger.Instance));
        var queue = new SpoolClient(
            () => spool, partitions, gate, TimeProvider.System, new SpoolClientLimits(TimeSpan.FromSeconds(5), SpoolClientLimits.DefaultAnswerTimeout));
        await queue.GetStatusAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var delivery = Enumerable.Range(0, partitions).Select(partition => DeliverAsync(spool, partition, stop.Token)).ToList();
        var blocks = Enumerable.Range(0, 8).Select(n => Block(events, n)).ToArray();
        await LoadAsync(queue, blocks, clients, TimeSpan.FromSeconds(1), []);

        var latencies = new List<double>[clients];
        var process = Process.GetCurrentProcess();
        var (cpu, gc2, allocated, clock) = (process.TotalProcessorTime, GC.CollectionCount(2), GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
        await LoadAsync(queue, blocks, clients, duration, latencies);
        process.Refresh();
        var all = latencies.SelectMany(list => list).Order().ToList();
        var total = (double)all.Count * events;
        var sizes = Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), file => new FileInfo(file).Length >> 20);
        var result = string.Create(CultureInfo.InvariantCulture,
            $"page {pageSize,6} wal {walBytes >> 20,3} MiB  {clients} x {events}: {total / clock.Elapsed.TotalSeconds,9:N0} events/s, {all.Count / clock.Elapsed.TotalSeconds,7:N0} requests/s, "
            + $"CPU {(process.TotalProcessorTime - cpu).TotalMicroseconds / total,6:F2} us/event, {(process.TotalProcessorTime - cpu).TotalMilliseconds / all.Count,6:F3} ms/request, "
            + $"p50 {all[all.Count / 2],6:F2} ms, p99 {all[(int)(all.Count * 0.99)],6:F2} ms, {(GC.GetTotalAllocatedBytes() - allocated) / total,6:F0} B alloc/event, gen2 {GC.CollectionCount(2) - gc2}, "
            + $"block {blocks[0].Chunks.Length >> 10} KiB, db {sizes.GetValueOrDefault(SpoolJournal.FileName)} MiB, log {sizes.GetValueOrDefault(SpoolJournal.FileName + "-wal")} MiB");
        await stop.CancelAsync();
        await system.Terminate();
        Directory.Delete(folder, recursive: true);
        return result;
    }

    /// <summary>Events of about 280 bytes that look like a web service's.</summary>
    public static EventBlock Block(int events, int seed = 1)
    {
        var random = new Random(seed);
        using var builder = new EventBlockBuilder();
        for (var i = 0; i < events; i++)
        {
            builder.Records.Begin(DateTime.UnixEpoch.Ticks + random.NextInt64(1L << 40), 7, Severity.Information);
            Text(EventField.MessageTemplate, "HTTP {Method} {Path} answered {Status} in {Elapsed} ms for {User}");
            Text(EventField.TraceId, Convert.ToHexStringLower(Bytes(16)));
            Text(EventField.SpanId, Convert.ToHexStringLower(Bytes(8)));
            Text(EventField.Source, "shop-frontend");
            Text(EventField.Properties, string.Create(CultureInfo.InvariantCulture,
                $$"""{"Method":"GET","Path":"/orders/{{random.Next(1_000_000)}}/items/{{random.Next(1_000)}}","Status":200,"Elapsed":{{random.NextDouble() * 500:F4}},"User":"u{{random.Next(100_000)}}"}"""));
            builder.Records.End();
            builder.EventWritten();
        }

        return builder.Build();

        void Text(EventField field, string text) => builder.Records.Append(field, Encoding.UTF8.GetBytes(text));

        byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    private static Task LoadAsync(SpoolClient queue, EventBlock[] blocks, int clients, TimeSpan duration, List<double>[] latencies)
    {
        var clock = Stopwatch.StartNew();
        return Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var own = new List<double>();
            for (var n = client; clock.Elapsed < duration; n++)
            {
                var start = Stopwatch.GetTimestamp();
                var outcome = await queue.AppendAsync(blocks[n % blocks.Length], DateTime.UnixEpoch, "key", null, CancellationToken.None);
                if (outcome.Receipt is null)
                    throw new InvalidOperationException(outcome.Error!.Detail);
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            if (latencies.Length > 0)
                latencies[client] = own;
        })));
    }

    /// <summary>Takes what comes and calls it stored, so that the journal is trimmed as in life.</summary>
    private static async Task DeliverAsync(IActorRef spool, int partition, CancellationToken cancellationToken)
    {
        var spoolId = Guid.Empty;
        var after = 0L;
        try
        {
            for (var agreed = false; !agreed;)
            {
                var resume = await spool.Ask<SpoolProtocol.Resume>(new SpoolProtocol.Reconcile(partition, spoolId, null), cancellationToken);
                agreed = resume.SpoolId == spoolId;
                spoolId = resume.SpoolId;
            }

            while (!cancellationToken.IsCancellationRequested)
            {
                var answer = await spool.Ask<object>(new SpoolProtocol.Pull(partition, after), cancellationToken);
                if (answer is SpoolProtocol.ReadFromJournal read)
                {
                    after = read.ToSequence;
                    continue;
                }

                var (sequence, entry) = ((SpoolProtocol.Entries)answer).Items[^1];
                after = sequence;
                spool.Tell(new SpoolProtocol.Confirm(partition, spoolId, entry.EndPosition(sequence)), ActorRefs.NoSender);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
