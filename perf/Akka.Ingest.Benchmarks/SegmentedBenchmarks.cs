namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Query;
using Akka.Ingest.Redaction;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Microsoft.Extensions.Logging;

/// <summary>The store of segments while it grows, its queries, and its size on real files.</summary>
internal static class SegmentedBenchmarks
{
    private const int BatchSize = 5_000;
    private const int Partitions = 4;

    /// <summary><c>dotnet run -c Release -- segmented [events] [keep]</c>; with <c>keep</c> a store made before is queried again.</summary>
    public static async Task RunAsync(string[] args)
    {
        var total = StoreBenchmarks.Argument(args, 0, 10_000_000);
        var folder = Path.Combine(Path.GetTempPath(), "akka-ingest-segmented-benchmark");
        var isKept = args.Length > 1 && Directory.Exists(folder);
        if (!isKept && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await using var store = Open(new SegmentedStoreSettings(folder) { CompressFrames = Environment.GetEnvironmentVariable("AKKA_INGEST_PLAIN") is null });
        await store.InitializeAsync(CancellationToken.None);
        if (!isKept)
            await WriteAsync(store, total, folder);
        await QueryAsync(store);
        Print($"peak RSS {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
    }

    /// <summary>Bytes of the sealed store for every byte of the NDJSON files of a folder.</summary>
    public static async Task MeasureDiskAsync(string source)
    {
        long sent = 0, kept = 0;
        foreach (var file in Directory.GetFiles(source, "*.ndjson").Order(StringComparer.Ordinal))
        {
            var (ndjson, stored, events) = await MeasureFileAsync([file]);
            Print($"{Path.GetFileName(file)}: {events} events, {ndjson} bytes, {stored} stored, {(double)ndjson / stored:F2} : 1");
            sent += ndjson;
            kept += stored;
        }

        Print($"each file a store of its own: {sent} bytes, {kept} stored, {(double)sent / kept:F2} : 1");
        var (all, together, count) = await MeasureFileAsync(Directory.GetFiles(source, "*.ndjson").Order(StringComparer.Ordinal));
        Print($"all files in one store: {count} events, {all} bytes, {together} stored, {(double)all / together:F2} : 1");
    }

    private static SegmentedLogStore Open(SegmentedStoreSettings settings) =>
        new(settings, StoreFileSystem.Instance, TimeProvider.System, LoggerFactory.Create(_ => { }).CreateLogger<SegmentedLogStore>());

    private static async Task<(long Sent, long Stored, int Events)> MeasureFileAsync(IEnumerable<string> sources)
    {
        var folder = Directory.CreateTempSubdirectory("akka-ingest-segmented-").FullName;
        var (sent, events) = (0L, 0);
        await using (var store = Open(new SegmentedStoreSettings(folder) { MaintenanceInterval = Timeout.InfiniteTimeSpan }))
        {
            await store.InitializeAsync(CancellationToken.None);
            var feed = new Feed(store, Guid.NewGuid());
            var received = new DateTime(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);
            var parser = new EventParser(new Redactor(new RedactionOptions()), 1 << 20);
            foreach (var lines in sources.Select(File.ReadAllLines))
            {
                foreach (var chunk in lines.Chunk(1_000))
                {
                    var body = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', chunk) + "\n");
                    using var block = parser.Parse(EventFormat.Native, body, received, InvalidEvents.Refuse).Block;
                    if (block is null)
                        continue;
                    sent += body.Length;
                    events += block.EventCount;
                    received = received.AddMilliseconds(7);
                    await feed.AppendAsync(0, Expand(block), block.EventCount, received);
                }
            }

            await store.MaintainAsync();
        }

        var stored = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
        Directory.Delete(folder, recursive: true);
        return (sent, stored, events);
    }

    private static byte[] Expand(EventBlock block)
    {
        var records = new MemoryStream();
        for (var stored = block.Chunks.Span; !stored.IsEmpty;)
        {
            var header = ChunkCodec.ReadHeader(stored);
            var raw = new byte[header.RawLength];
            ChunkCodec.Expand(header, stored, raw);
            records.Write(raw);
            stored = stored[(ChunkCodec.HeaderLength + header.StoredLength)..];
        }

        return records.ToArray();
    }

    private static async Task WriteAsync(SegmentedLogStore store, int total, string folder)
    {
        var feed = new Feed(store, Guid.NewGuid());
        var slices = Enumerable.Range(0, 32).Select(i => StoreBenchmarks.Records(BatchSize, i, isTraced: false)).ToArray();
        var clock = DateTime.UnixEpoch.AddYears(56).Ticks;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var restamping = TimeSpan.Zero;
        var watch = Stopwatch.StartNew();
        for (int written = 0, round = 0; written < total;)
        {
            var appends = new List<Task>();
            for (var partition = 0; partition < Partitions && written < total; partition++, written += BatchSize, round++)
            {
                var records = slices[round % slices.Length];
                var began = Stopwatch.GetTimestamp();
                StoreBenchmarks.Restamp(records, clock += TimeSpan.TicksPerHour * 24 / total * BatchSize);
                restamping += Stopwatch.GetElapsedTime(began);
                appends.Add(feed.AppendAsync(partition, records, BatchSize, new DateTime(clock, DateTimeKind.Utc)));
            }

            await Task.WhenAll(appends);
        }

        var elapsed = watch.Elapsed;
        var appending = Process.GetCurrentProcess().TotalProcessorTime - cpu - restamping;
        await store.MaintainAsync();
        var all = Process.GetCurrentProcess().TotalProcessorTime - cpu - restamping;
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        Print($"write: {total} events of {slices[0].Length / BatchSize} B, {total / elapsed.TotalSeconds:F0} events/s, {appending.TotalMicroseconds / total:F2} us CPU/event until the last append, {all.TotalMicroseconds / total:F2} until all is sealed, {(double)files.Sum(file => file.Length) / total:F1} B/event in {files.Length} files");
    }

    private static async Task QueryAsync(SegmentedLogStore store)
    {
        var day = (await store.ReadDaysAsync(CancellationToken.None)).MaxBy(item => item.Events)!;
        var from = day.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        await MeasureAsync("count, text over everything", new LogQueryRequest { Text = "took 499 ms" }, plan => store.CountAsync(plan, CancellationToken.None));
        await MeasureAsync("count, text not there", new LogQueryRequest { Text = "no such thing" }, plan => store.CountAsync(plan, CancellationToken.None));
        await MeasureAsync("page, last 100 errors", new LogQueryRequest { MinLevel = Severity.Error }, async plan => (await store.QueryAsync(plan, CancellationToken.None)).Events.Count);
        await MeasureAsync("page, last 100", new LogQueryRequest(), async plan => (await store.QueryAsync(plan, CancellationToken.None)).Events.Count);
        await MeasureAsync("page, text not there", new LogQueryRequest { Text = "no such thing" }, async plan => (await store.QueryAsync(plan, CancellationToken.None)).ScannedEvents);
        await MeasureAsync("histogram of a day", new LogQueryRequest { From = from, To = from.AddDays(1) }, async plan => (await store.HistogramAsync(plan, 96, CancellationToken.None)).Buckets.Sum(bucket => bucket.BySeverity.Sum()));
        await MeasureAsync("histogram of errors of a day", new LogQueryRequest { From = from, To = from.AddDays(1), MinLevel = Severity.Error }, async plan => (await store.HistogramAsync(plan, 96, CancellationToken.None)).Buckets.Sum(bucket => bucket.BySeverity.Sum()));
        await MeasureAsync("count, properties.Elapsed = 77", new LogQueryRequest { Filter = "properties.Elapsed = 77" }, plan => store.CountAsync(plan, CancellationToken.None));
        await MeasureAsync("page, order=received", new LogQueryRequest { Order = LogOrder.Received, Limit = 1000 }, async plan => (await store.QueryAsync(plan, CancellationToken.None)).Events.Count);
    }

    private static async Task MeasureAsync<T>(string name, LogQueryRequest request, Func<LogQueryPlan, Task<T>> run)
    {
        var plan = ((LogQueryPlanning.Planned)new LogQueryPlanner().Plan(request)).Plan;
        var times = new List<double>();
        var result = default(T);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < 4; i++)
        {
            var watch = Stopwatch.StartNew();
            result = await run(plan);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / times.Count;
        Print($"{name}: {string.Join(", ", times.Select(time => time.ToString("F1", CultureInfo.InvariantCulture)))} ms, {used:F1} ms CPU ({result})");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed class Feed(ILogStore store, Guid spoolId)
    {
        private readonly StoredPosition[] _positions = new StoredPosition[64];

        public async Task AppendAsync(int partition, byte[] records, int count, DateTime receivedAt)
        {
            var expected = _positions[partition];
            _positions[partition] = new StoredPosition(new SpoolOffset(expected.Offset.Sequence + 1, count), expected.Ordinal + count, 1);
            var result = await store.AppendAsync(
                new StoreBatch
                {
                    SpoolId = spoolId,
                    Partition = partition,
                    Expected = expected,
                    Next = _positions[partition],
                    Slices = [new StoreSlice(records, count, expected.Ordinal, receivedAt, "key-1")],
                },
                CancellationToken.None);
            if (result is not StoreAppendResult.Appended)
                throw new InvalidOperationException(result.ToString());
        }
    }
}
