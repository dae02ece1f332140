namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Makes dead letters of the events of a range and waits until they are durable. A full disk is waited for, not skipped.</summary>
internal sealed class DeadLetterWriter(
    DeliveryServices services,
    int partition,
    Guid spoolId,
    DeliveryStatus status,
    CancellationToken stopping)
{
    private const string FailureCode = "dead-letters:io";
    private readonly RetryPolicy _policy = services.CreateRetryPolicy();
    private readonly RetryPause _pause = new(services, partition, status, stopping);

    /// <summary>Writes the events that were rejected at accept; the range returned has none of them left.</summary>
    public async Task<WriteRange> WriteRejectedAsync(WriteRange range)
    {
        var letters = new List<DeadLetter>();
        foreach (var run in range.Runs)
        {
            if (run.Kind == RunKind.Rejected)
                AddLetters(letters, run, refusal: null);
        }

        if (letters.Count == 0)
            return range;
        await WriteAsync(letters);
        return range with
        {
            Runs = [.. range.Runs.Select(run => run.Kind == RunKind.Rejected ? run with { Kind = RunKind.DeadLettered } : run)],
        };
    }

    /// <summary>Writes the one event to be stored of the range, which the store refuses for good.</summary>
    public Task WritePoisonAsync(WriteRange range, StoreFailure failure)
    {
        var now = services.Time.GetUtcNow().UtcDateTime;
        var refusal = new StoreRefusal(failure.Code, failure.ExceptionType, failure.Detail, range.Attempts, range.FirstFailedAt ?? now, now);
        var letters = new List<DeadLetter>();
        AddLetters(letters, PoisonIsolation.Poison(range), refusal);
        return WriteAsync(letters);
    }

    private async Task WriteAsync(List<DeadLetter> letters)
    {
        var row = new RetryRow(_policy, services.Time);
        while (TryWrite(letters) is { } failure)
            await _pause.WaitAsync(failure, row, row.Failed(failure.Kind));
        foreach (var (reason, count) in letters.CountBy(letter => DeadLetterLine.ReasonOf(letter)))
        {
            services.Metrics.DeadLettered(reason, count);
            DeliveryLog.DeadLettered(services.Logger, partition, count, reason);
        }
    }

    private StoreFailure? TryWrite(List<DeadLetter> letters)
    {
        try
        {
            services.DeadLetters.Write(spoolId, partition, letters);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new StoreFailure(StoreFailureKind.Transient, FailureCode, exception.Message, exception.GetType().FullName!);
        }
    }

    private void AddLetters(List<DeadLetter> letters, EventRun run, StoreRefusal? refusal)
    {
        var records = run.Records;
        for (var i = 0; i < run.Count; i++)
        {
            var length = EventRecord.PeekLength(records.Span);
            letters.Add(new DeadLetter(
                new EventId(spoolId, partition, run.FirstOrdinal + i),
                new SpoolOffset(run.Source.Sequence, run.FirstIndex + i),
                records[..length],
                run.Request.ReceivedAt,
                run.Request.ApiKeyId,
                refusal));
            records = records[length..];
        }
    }
}
