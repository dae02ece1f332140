namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Sql.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>
/// Sustained writes to a store and queries on what was written. Not a BenchmarkDotNet class: a store must be measured
/// while it grows. <c>dotnet run -c Release -- store [--provider Sqlite|File|Segmented] [events] [partitions] [batch] [traced]</c>;
/// PostgreSQL where <c>AKKA_INGEST_POSTGRESQL</c> holds the connection string of an empty database.
/// </summary>
internal static class StoreBenchmarks
{
    public static async Task RunAsync(string[] args)
    {
        var provider = "Sqlite";
        if (args is ["--provider", var named, .. var rest])
            (provider, args) = (named, rest);
        var total = Argument(args, 0, 1_000_000);
        var partitions = Argument(args, 1, 4);
        var batchSize = Argument(args, 2, 5_000);
        var isTraced = args.Length > 3 && args[3] == "traced";
        if (Environment.GetEnvironmentVariable("AKKA_INGEST_POSTGRESQL") is { Length: > 0 } connectionString)
        {
            await PostgreSqlBenchmarks.RunAsync(connectionString, total, partitions, batchSize, isTraced);
            return;
        }

        var folder = Path.Combine(Path.GetTempPath(), "akka-ingest-store-benchmark");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var store = Create(provider, folder);
        await store.InitializeAsync(CancellationToken.None);
        await WriteAsync(store, total, partitions, batchSize, isTraced, folder);
        await QueryAsync(store, isTraced);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak RSS {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static ILogStore Create(string provider, string folder) => provider switch
    {
        "Sqlite" => new SqliteLogStore(
            Tuned(new SqliteStoreSettings(Path.Combine(folder, "events.db"))), TimeProvider.System, NullLogger<SqliteLogStore>.Instance),
        "File" => new FileLogStore(new FileStoreSettings(folder), StoreFileSystem.Instance, TimeProvider.System, NullLogger<FileLogStore>.Instance),
        "Segmented" => new SegmentedLogStore(
            new SegmentedStoreSettings(folder), StoreFileSystem.Instance, TimeProvider.System, NullLogger<SegmentedLogStore>.Instance),
        _ => throw new ArgumentException($"There is no benchmark of the store {provider}."),
    };

    // AKKA_INGEST_STORE="page=16384;cache=65536;checkpoint=67108864;group=5000" to compare settings.
    private static SqliteStoreSettings Tuned(SqliteStoreSettings settings)
    {
        foreach (var pair in (Environment.GetEnvironmentVariable("AKKA_INGEST_STORE") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=');
            var value = int.Parse(parts[1], CultureInfo.InvariantCulture);
            settings = parts[0] switch
            {
                "page" => settings with { PageBytes = value },
                "cache" => settings with { WriterCacheKib = value },
                "checkpoint" => settings with { CheckpointBytes = value },
                "group" => settings with { MaxGroupEvents = value },
                _ => throw new ArgumentException(pair),
            };
        }

        return settings;
    }

    public static async Task WriteAsync(ILogStore store, int total, int partitions, int batchSize, bool isTraced, string? folder = null)
    {
        var spool = Guid.NewGuid();
        var clock = DateTime.UnixEpoch.AddYears(56).Ticks;
        var slices = Enumerable.Range(0, 32).Select(i => Records(batchSize, i, isTraced)).ToArray();
        var positions = new StoredPosition[partitions];
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var written = 0;
        var round = 0;
        var allocated = GC.GetTotalAllocatedBytes();
        while (written < total)
        {
            var appends = new List<Task<StoreAppendResult>>();
            for (var partition = 0; partition < partitions && written < total; partition++, written += batchSize, round++)
            {
                var records = slices[round % slices.Length];
                Restamp(records, clock += batchSize * 150L);
                var expected = positions[partition];
                positions[partition] = new StoredPosition(new SpoolOffset(expected.Offset.Sequence + 1, batchSize), expected.Ordinal + batchSize, (ulong)round);
                appends.Add(store.AppendAsync(
                    new StoreBatch
                    {
                        SpoolId = spool,
                        Partition = partition,
                        Expected = expected,
                        Next = positions[partition],
                        Slices = [new StoreSlice(records, batchSize, expected.Ordinal, new DateTime(clock, DateTimeKind.Utc), "key-1")],
                    },
                    CancellationToken.None));
            }

            foreach (var result in await Task.WhenAll(appends))
            {
                if (result is not StoreAppendResult.Appended)
                    throw new InvalidOperationException(result.ToString());
            }
        }

        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"write: {written} events of {slices[0].Length / batchSize} B, {written / watch.Elapsed.TotalSeconds:F0} events/s, {used.TotalMicroseconds / written:F2} us CPU/event, {(GC.GetTotalAllocatedBytes() - allocated) / (double)written:F1} B allocated/event"));
        if (folder is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"disk: {(double)BytesIn(folder) / written:F0} B/event"));
    }

    public static async Task QueryAsync(ILogStore store, bool isTraced)
    {
        await MeasureAsync("page, newest 100", store, new LogQueryRequest());
        await MeasureAsync("page, minLevel=Error", store, new LogQueryRequest { MinLevel = Severity.Error });
        await MeasureAsync("page, text found", store, new LogQueryRequest { Text = "took 17 ms" });
        await MeasureAsync("page, text not found", store, new LogQueryRequest { Text = "no such text" });
        await MeasureAsync("page, properties.Elapsed = -1", store, new LogQueryRequest { Filter = "properties.Elapsed = -1" });
        await MeasureAsync("page, order=received", store, new LogQueryRequest { Order = LogOrder.Received, Limit = 1000 });
        if (isTraced)
            await MeasureAsync("page, traceId", store, new LogQueryRequest { TraceId = Trace(3, 77) });
        await MeasureAsync("count", store, new LogQueryRequest(), plan => store.CountAsync(plan, CancellationToken.None));
        await MeasureAsync("count, minLevel=Error", store, new LogQueryRequest { MinLevel = Severity.Error }, plan => store.CountAsync(plan, CancellationToken.None));
        await MeasureAsync("histogram", store, new LogQueryRequest(), plan => store.HistogramAsync(plan, 60, CancellationToken.None));
    }

    private static Task MeasureAsync(string name, ILogStore store, LogQueryRequest request) =>
        MeasureAsync(name, store, request, async plan =>
        {
            var page = await store.QueryAsync(plan, CancellationToken.None);
            return $"{page.Events.Count} events of {page.ScannedEvents}";
        });

    private static async Task MeasureAsync<T>(string name, ILogStore store, LogQueryRequest request, Func<LogQueryPlan, Task<T>> run)
    {
        _ = store;
        var plan = ((LogQueryPlanning.Planned)new LogQueryPlanner().Plan(request)).Plan;
        await run(plan);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var result = await run(plan);
        var elapsed = watch.Elapsed;
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {elapsed.TotalMilliseconds:F1} ms, {used.TotalMilliseconds:F1} ms CPU ({(result is LogHistogram ? "60 buckets" : result)})"));
    }

    public static byte[] Records(int count, int seed, bool isTraced)
    {
        var random = new Random(seed);
        using var writer = new EventRecordWriter();
        for (var i = 0; i < count; i++)
        {
            writer.Begin(0, 7, random.Next(10) == 0 ? (Severity)random.Next(3, 5) : Severity.Information);
            var elapsed = random.Next(1, 500);
            writer.Append(EventField.Message, Encoding.UTF8.GetBytes($"HTTP GET /api/orders/{random.Next(100_000)} responded 200, took {elapsed} ms"));
            writer.Append(EventField.MessageTemplate, "HTTP {Method} {Path} responded {Status}, took {Elapsed} ms"u8);
            if (isTraced)
                writer.Append(EventField.TraceId, Encoding.UTF8.GetBytes(Trace(seed, i)));
            writer.Append(EventField.Source, "orders"u8);
            writer.Append(EventField.Host, "web-01"u8);
            writer.Append(EventField.Properties, Encoding.UTF8.GetBytes(
                $$"""{"Method":"GET","Path":"/api/orders/{{random.Next(100_000)}}","Status":200,"Elapsed":{{elapsed}},"User":"u{{random.Next(10_000)}}"}"""));
            writer.End();
        }

        return writer.WrittenSpan.ToArray();
    }

    private static string Trace(int seed, int i)
    {
        var random = new Random((seed * 1_000_003) + (i / 8));
        return string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64():x16}{random.NextInt64():x16}");
    }

    // Times as they arrive: close together, not quite in order.
    public static void Restamp(byte[] records, long ticks)
    {
        var random = new Random(unchecked((int)ticks));
        for (var at = 0; at < records.Length; at += EventRecord.PeekLength(records.AsSpan(at)), ticks += 150)
            BitConverter.TryWriteBytes(records.AsSpan(at + 4), ticks - random.Next(2_000_000));
    }

    private static long BytesIn(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    public static int Argument(string[] args, int index, int fallback) =>
        args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : fallback;
}
