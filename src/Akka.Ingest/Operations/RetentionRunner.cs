namespace Akka.Ingest.Operations;

using Akka.Ingest.Delivery;
using Akka.Ingest.Hosting;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>What retention would remove now.</summary>
/// <param name="At">When it was planned, UTC.</param>
/// <param name="Days">Days held.</param>
/// <param name="Steps">What goes, oldest day first.</param>
/// <param name="DeadLetters">Dead-letter files that go.</param>
internal sealed record RetentionPlan(DateTime At, IReadOnlyList<StoredDay> Days, IReadOnlyList<RetentionStep> Steps, DeadLetterFiles DeadLetters);

/// <summary>What a run has removed so far.</summary>
internal sealed record RetentionRun(RetentionPlan Plan, DateTime StartedAt)
{
    public long Events { get; init; }
    public long Bytes { get; init; }
    public int Days { get; init; }
    public DeadLetterFiles DeadLetters { get; init; }

    /// <summary>Null while it runs.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>What ended it before it was done; the next run goes on.</summary>
    public string? Failure { get; init; }
}

/// <summary>Plans retention and carries it out: one run at a time, in small steps with pauses in which writers have the store.</summary>
internal sealed partial class RetentionRunner(
    ILogStore store,
    ILogIngestionQueue queue,
    IDeadLetterRetention deadLetters,
    IOptions<StorageOptions> options,
    RetentionMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<RetentionRunner> logger)
{
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private Task<RetentionRun>? _running;

    private RetentionOptions Options => options.Value.Retention;

    /// <summary>The run under way, or the last one; null before the first.</summary>
    public RetentionRun? Last { get; private set; }

    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="IOException">The dead letters cannot be read.</exception>
    public async Task<RetentionPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var days = await store.ReadDaysAsync(cancellationToken);
        var steps = RetentionPlanner.Plan(days, new RetentionPolicy(Options.MaxAgeDays, Options.MaxSizeBytes), DateOnly.FromDateTime(now));
        var letters = Options.DeadLetterMaxAgeDays is { } maxAge
            ? deadLetters.FindExpired(now.AddDays(-maxAge), await ReadSettledAsync(cancellationToken))
            : default;
        return new RetentionPlan(now, days, steps, letters);
    }

    /// <summary>Starts a run, or joins the one under way. It never throws for a store or a disk in trouble: that is its <see cref="RetentionRun.Failure"/>.</summary>
    public Task<RetentionRun> RunAsync()
    {
        lock (_lock)
            return _running is { IsCompleted: false } ? _running : _running = Task.Run(RunOnceAsync);
    }

    private async Task<RetentionRun> RunOnceAsync()
    {
        var began = time.GetTimestamp();
        var empty = new RetentionPlan(time.GetUtcNow().UtcDateTime, [], [], default);
        Last = new RetentionRun(empty, empty.At);
        string? errorType = null;
        try
        {
            var stopping = lifetime.ApplicationStopping;
            Last = Last with { Plan = await PlanAsync(stopping) };
            foreach (var step in Last.Plan.Steps)
                await RemoveAsync(step, stopping);
            if (Last.Plan.DeadLetters.Files > 0)
                await RemoveDeadLettersAsync(Last.Plan.At.AddDays(-Options.DeadLetterMaxAgeDays!.Value), stopping);
        }
        catch (OperationCanceledException)
        {
            Last = Last with { Failure = "The server stopped." };
        }
        // Whatever it is, the next run tries again; a bug in one store must not end retention for ever.
        catch (Exception exception)
        {
            errorType = exception is StoreException failed ? failed.Failure.Code : exception.GetType().FullName;
            Last = Last with { Failure = exception.Message };
            LogFailed(logger, exception);
        }

        var duration = time.GetElapsedTime(began);
        metrics.Ended(time.GetUtcNow(), duration, errorType);
        if (Last.Events > 0 || Last.DeadLetters.Files > 0)
            LogEnded(logger, Last.Events, Last.Days, Last.Bytes, Last.DeadLetters.Events, duration);
        return Last = Last with { EndedAt = time.GetUtcNow().UtcDateTime };
    }

    private async Task RemoveAsync(RetentionStep step, CancellationToken stopping)
    {
        LogStep(logger, step.Day, step.Events, step.Reason);
        var reason = step.Reason == RetentionReason.Age ? "age" : "size";
        for (var left = step.Events; ;)
        {
            var began = time.GetTimestamp();
            var removed = await store.ExpireAsync(step.IsWholeDay ? step.ToRequest() : step.ToRequest() with { Events = left }, stopping);
            var duration = time.GetElapsedTime(began);
            metrics.Removed(reason, removed.Events, removed.Bytes, duration);
            Last = Last! with { Events = Last.Events + removed.Events, Bytes = Last.Bytes + removed.Bytes };
            left -= removed.Events;
            if (removed.IsComplete || (!step.IsWholeDay && left <= 0))
                break;

            // As long as the step took: half of the time at least belongs to the writers.
            await Task.Delay(TimeSpan.FromTicks(Math.Clamp(duration.Ticks, MinPause.Ticks, MaxPause.Ticks)), time, stopping);
        }

        if (!step.IsWholeDay)
            return;
        metrics.DayRemoved();
        Last = Last! with { Days = Last.Days + 1 };
    }

    private async Task RemoveDeadLettersAsync(DateTime before, CancellationToken stopping)
    {
        var settled = await ReadSettledAsync(stopping);
        while (deadLetters.Expire(before, settled) is { Files: > 0 } removed)
        {
            metrics.DeadLettersRemoved(removed.Events);
            var sum = Last!.DeadLetters;
            Last = Last with { DeadLetters = new DeadLetterFiles(sum.Files + removed.Files, sum.Events + removed.Events, sum.Bytes + removed.Bytes) };
            await Task.Delay(MinPause, time, stopping);
        }
    }

    // A letter of a partition that may still be delivered is needed until the store's position has passed it.
    private async Task<Func<Guid, int, long>> ReadSettledAsync(CancellationToken cancellationToken)
    {
        var settled = (await queue.GetStatusAsync(cancellationToken)).ToDictionary(status => (status.SpoolId, status.Partition), status => status.Stored.Ordinal);
        return (spoolId, partition) => settled.GetValueOrDefault((spoolId, partition), long.MaxValue);
    }

    [LoggerMessage(EventId = 4201, Level = LogLevel.Information, Message = "Retention removes up to {Events} events of {Day} ({Reason})")]
    private static partial void LogStep(ILogger logger, DateOnly day, long events, RetentionReason reason);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Information, Message = "Retention removed {Events} events ({Days} whole days, about {Bytes} bytes) and {DeadLetters} dead letters in {Duration}")]
    private static partial void LogEnded(ILogger logger, long events, int days, long bytes, long deadLetters, TimeSpan duration);

    [LoggerMessage(EventId = 4203, Level = LogLevel.Warning, Message = "Retention did not finish; it goes on with the next run")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
