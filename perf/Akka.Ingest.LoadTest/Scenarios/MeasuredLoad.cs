namespace Akka.Ingest.LoadTest.Scenarios;

using System.Text;
using Akka.Ingest.LoadTest.Baselines;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Measure;
using Akka.Ingest.LoadTest.Server;

/// <summary>Warm-up, load, and draining, with the meters read at the same three moments.</summary>
internal sealed class MeasuredLoad(string name, LoadOptions options, ServerUnderTest server)
{
    /// <summary>How long a warm-up may take to be stored before the measured time starts anyway.</summary>
    private static readonly TimeSpan WarmupDrainTimeout = TimeSpan.FromMinutes(2);

    private readonly record struct Moment(double ServerCpu, double ClientCpu, double MachineBusy, long SpoolBytes, long StoreBytes, long? Written,
        IReadOnlyList<ThreadTime> Threads);

    public async Task<LoadResult> RunAsync()
    {
        using var generator = new LoadGenerator(options);
        Console.WriteLine($"\n{name}: {Describe()}");
        if (options.Warmup > TimeSpan.Zero)
            await generator.RunAsync(options.Warmup);
        if (options.WaitDrained)
            await server.WaitDrainedAsync(WarmupDrainTimeout);
        var countBefore = options.WaitDrained ? await server.Metrics.CountAsync() : null;
        var storeLock = options.LockStore ? StoreLock.Take(server.DataFolder) : null;
        LoadTally tally;
        TimeSpan elapsed;
        Moment start, end;
        IReadOnlyList<LoadSample> samples;
        double? rssStart = Megabytes(server.Process?.ResidentBytes());
        var peakWasReset = server.Process?.TryResetPeak() ?? false;
        try
        {
            start = Take();
            using var sampler = LoadSampler.Start(server);
            (tally, elapsed) = await generator.RunAsync(options.Duration);
            end = Take();
            samples = await sampler.StopAsync();
        }
        finally
        {
            storeLock?.Dispose();
        }

        var backlogAtEnd = (await server.Metrics.ReadAsync())?.Backlog;
        using var drainSampler = LoadSampler.Start(server);
        var drainedAfter = options.WaitDrained ? await server.WaitDrainedAsync(options.DrainTimeout) : null;
        var drainSamples = await drainSampler.StopAsync();
        var drained = Take();
        var peak = Megabytes(server.Process?.PeakResidentBytes());
        var counted = countBefore is null || drainedAfter is null ? null : await server.Metrics.CountAsync() - countBefore - tally.AcceptedEvents;

        double? PerEvent(double? amount) => tally.AcceptedEvents == 0 ? null : Math.Round(amount / tally.AcceptedEvents ?? 0, 3);
        double? CpuTo(Moment until) => server.Process is null ? null : PerEvent((until.ServerCpu - start.ServerCpu) * 1e6);
        var busy = end.MachineBusy - start.MachineBusy;
        var others = busy - (end.ServerCpu - start.ServerCpu) - (end.ClientCpu - start.ClientCpu);
        return new LoadResult(
            name,
            DescribeLoad(generator),
            DescribeClient(tally, elapsed, end.ClientCpu - start.ClientCpu),
            new ServerResult(
                CpuTo(end),
                drainedAfter is null ? null : CpuTo(drained),
                server.Process is null ? null : Math.Round((end.ServerCpu - start.ServerCpu) / elapsed.TotalSeconds, 2),
                rssStart,
                peak,
                peakWasReset,
                drained.Written is null ? null : PerEvent(drained.Written - start.Written),
                ByThread(start.Threads, end.Threads, tally.AcceptedEvents),
                Math.Round(Math.Max(0, others) / (elapsed.TotalSeconds * Environment.ProcessorCount), 3)),
            new DeliveryResult(
                samples is [{ Backlog: var first }, ..] ? first : null,
                backlogAtEnd,
                samples.Concat(drainSamples).Max(sample => sample.Backlog),
                BacklogTrend.GrowthPerSecond(samples),
                BacklogTrend.StoredPerSecond(samples),
                drainedAfter is null ? null : Math.Round(drainedAfter.Value.TotalSeconds, 1),
                drainedAfter is null || backlogAtEnd is null ? null : Math.Round(backlogAtEnd.Value / drainedAfter.Value.TotalSeconds),
                counted,
                Math.Round(end.SpoolBytes / 1e6, 1),
                samples.Concat(drainSamples).Select(sample => sample.SpoolMb).DefaultIfEmpty().Max(),
                Math.Round(drained.SpoolBytes / 1e6, 1),
                options.LockStore ? PerEvent(end.SpoolBytes - start.SpoolBytes) : null,
                drainedAfter is null || server.DataFolder is null ? null : PerEvent(drained.StoreBytes - start.StoreBytes)),
            samples,
            drainSamples)
        {
            Provider = StoreBaseline.Provider(options),
        };
    }

    private Moment Take() => new(
        server.Process?.CpuSeconds() ?? 0,
        Environment.CpuUsage.TotalTime.TotalSeconds,
        MachineMeter.BusySeconds(),
        server.Data.SpoolBytes(),
        server.Data.StoreBytes(),
        server.Process?.DiskWriteBytes(),
        server.Process?.ThreadTimes() ?? []);

    private static Dictionary<string, double> ByThread(IReadOnlyList<ThreadTime> start, IReadOnlyList<ThreadTime> end, long events)
    {
        var before = start.ToDictionary(thread => thread.Id, thread => thread.Seconds);
        return end
            .GroupBy(thread => thread.Name, thread => thread.Seconds - before.GetValueOrDefault(thread.Id))
            .Select(name => (name.Key, PerEvent: Math.Round(name.Sum() * 1e6 / Math.Max(1, events), 3)))
            .Where(name => name.PerEvent > 0)
            .OrderByDescending(name => name.PerEvent)
            .ToDictionary(name => name.Key, name => name.PerEvent);
    }

    private string Describe() => options.Rate > 0
        ? $"{options.Rate:N0} events/s open loop, {options.Connections} connections, {options.Batch} events a request, {options.Warmup.TotalSeconds:0} s warm-up, {options.Duration.TotalSeconds:0} s"
        : $"closed loop, {options.Connections} connections, {options.Batch} events a request, {options.Warmup.TotalSeconds:0} s warm-up, {options.Duration.TotalSeconds:0} s";

    private LoadDescription DescribeLoad(LoadGenerator generator) => new(
        options.Rate > 0 ? "open" : "closed", options.Rate, options.Connections, options.Batch, options.Format.ToString(), options.Gzip, options.Keyed,
        options.LockStore, options.Warmup.TotalSeconds, options.Duration.TotalSeconds,
        CompressionMeter.Describe(options.SourceFile is null ? "made up" : "file", (double)generator.Pool.BytesMade / generator.Pool.EventsMade, SampleOfEvents()));

    private byte[] SampleOfEvents()
    {
        if (options.SourceFile is not null)
            return Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(options.SourceFile).Take(20_000)));
        var events = new MadeUpEvents(seed: 1);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 10_000).Select(number =>
            (options.Format == BodyFormat.Clef ? events.NextClef() : events.NextNative())
            .Replace(MadeUpEvents.TimestampPlaceholder, now.AddTicks(number).ToString("O"), StringComparison.Ordinal))));
    }

    private static ClientResult DescribeClient(LoadTally tally, TimeSpan elapsed, double cpuSeconds) => new(
        Math.Round(elapsed.TotalSeconds, 2),
        tally.AcceptedEvents,
        tally.AcceptedRequests,
        Math.Round(tally.AcceptedEvents / elapsed.TotalSeconds),
        Math.Round(tally.AcceptedRequests / elapsed.TotalSeconds, 1),
        Math.Round(tally.BytesSent / elapsed.TotalSeconds / 1e6, 1),
        tally.Unsent,
        tally.MiscountedAnswers,
        tally.Refusals,
        tally.RefusalSamples,
        LatencySummary.Of(tally.Latency),
        LatencySummary.Of(tally.ServiceTime),
        Math.Round(cpuSeconds * 1e6 / Math.Max(1, tally.AcceptedEvents), 3));

    private static double? Megabytes(long? bytes) => bytes is null ? null : Math.Round(bytes.Value / 1e6, 1);
}
