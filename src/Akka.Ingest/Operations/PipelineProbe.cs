namespace Akka.Ingest.Operations;

using Akka.Ingest.Hosting;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

/// <summary>What the pipeline looked like at one moment.</summary>
/// <param name="At">When it was asked, UTC.</param>
/// <param name="Partitions">Empty where the spool did not answer.</param>
/// <param name="Problems">Why the service is not ready; empty when it is.</param>
internal sealed record PipelineState(DateTime At, IReadOnlyList<SpoolProtocol.SpoolStatus> Partitions, IReadOnlyList<PipelineProblem> Problems);

/// <param name="Part"><c>journal</c>, <c>store</c>, <c>queue</c>, <c>lease</c>, <c>process</c>.</param>
internal sealed record PipelineProblem(string Part, string Detail);

/// <summary>
/// Asks spool and store how they are: once a second for the gauges, and for the ready page when the last answer is older.
/// Any number of callers share one question.
/// </summary>
internal sealed class PipelineProbe(
    ILogIngestionQueue queue,
    IEnumerable<ILogStore> stores,
    DataFolderLease lease,
    IOptions<StorageOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private Task<PipelineState>? _running;

    /// <summary>The last answer; never waits.</summary>
    public PipelineState Last { get; private set; } = new(DateTime.UnixEpoch, [], [new PipelineProblem("process", "The pipeline was not asked yet.")]);

    /// <summary>An answer no older than <see cref="Interval"/>.</summary>
    public Task<PipelineState> GetAsync()
    {
        lock (_lock)
        {
            if (_running is not { IsCompleted: false })
            {
                if (time.GetUtcNow().UtcDateTime - Last.At < Interval && !lifetime.ApplicationStopping.IsCancellationRequested)
                    return Task.FromResult(Last);
                _running = AskAsync();
            }

            return _running;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await GetAsync();
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<PipelineState> AskAsync()
    {
        // Not on the thread of a caller, who may hold the lock or be in a hurry.
        await Task.Yield();
        var problems = new List<PipelineProblem>();
        var partitions = await AskSpoolAsync(problems);
        foreach (var store in stores)
            await AskStoreAsync(store, problems);
        var backlog = partitions.Sum(partition => partition.Backlog);
        if (backlog >= options.Value.IngestionPipeline.QueueCapacity)
            problems.Add(new("queue", $"{backlog} events wait for the store, as many as Storage:IngestionPipeline:QueueCapacity allows."));
        if (!lease.IsHeld)
            problems.Add(new("lease", "The data folder's lease is not held."));
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            problems.Add(new("process", "The server is stopping."));
        return Last = new PipelineState(time.GetUtcNow().UtcDateTime, partitions, problems);
    }

    private async Task<IReadOnlyList<SpoolProtocol.SpoolStatus>> AskSpoolAsync(List<PipelineProblem> problems)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await queue.GetStatusAsync(patience.Token).WaitAsync(patience.Token);
        }
        // The probe reports whatever goes wrong; what exactly is told in the log of the part itself.
        catch (Exception exception)
        {
            problems.Add(new("journal", $"The spool does not answer ({exception.GetType().Name})."));
            return [];
        }
    }

    private async Task AskStoreAsync(ILogStore store, List<PipelineProblem> problems)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await store.PingAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception exception)
        {
            problems.Add(new("store", exception is StoreException failed
                ? $"The store does not answer ({failed.Failure.Code})."
                : $"The store does not answer ({exception.GetType().Name})."));
        }
    }
}
