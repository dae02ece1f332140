namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>
/// Settles batches in order: first the dead letters among them, then the store write with its retries, halving where the
/// store refuses the data. Knows where the store stands.
/// </summary>
/// <param name="stored">Where the store stands for <paramref name="spoolId"/>.</param>
/// <param name="stopping">Ends pauses between attempts. A write under way is never cancelled.</param>
internal sealed class DeliveryWriter(
    DeliveryServices services,
    int partition,
    Guid spoolId,
    StoredPosition stored,
    DeliveryStatus status,
    CancellationToken stopping)
{
    private const string UnreadableRecordCode = "record:unreadable";
    private readonly DeadLetterWriter _deadLetters = new(services, partition, spoolId, status, stopping);
    private readonly RetryPause _pause = new(services, partition, status, stopping);
    private readonly RetryPolicy _policy = services.CreateRetryPolicy();
    private StoredPosition _position = stored;
    private Task _current = Task.CompletedTask;

    /// <summary>Completes when no write is under way; never fails.</summary>
    public Task Idle => _current.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Settles the batch and gives its memory back. One at a time. The result is where the store stands now.</summary>
    /// <exception cref="FencedException">Another writer moved the position.</exception>
    /// <exception cref="OperationCanceledException">Stopping, and the last attempt failed; what is not settled stays in the journal.</exception>
    public Task<StoredPosition> WriteAsync(DeliveryBatch batch)
    {
        var settling = SettleAsync(batch);
        _current = settling;
        return settling;
    }

    /// <summary>Moves the position over events that neither journal nor store holds, or to the first of a new spool id.</summary>
    public async Task MoveToAsync(StoredPosition position)
    {
        if (position.Ordinal < _position.Ordinal || position.Offset < _position.Offset)
            throw new InvalidOperationException($"The spool wants to go back from {_position} to {position}; that would store events twice.");
        await AppendAsync([], position, mayRepeatRefused: false);
    }

    private async Task<StoredPosition> SettleAsync(DeliveryBatch batch)
    {
        // The stream's thread goes on expanding the next batch.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var pending = new Stack<WriteRange>();
            pending.Push(await _deadLetters.WriteRejectedAsync(new WriteRange(batch.Runs)));
            var isWhole = true;
            while (pending.TryPop(out var range))
            {
                if (await AppendAsync(range.ToSlices(), range.End, isWhole) is { } refused)
                {
                    if (isWhole)
                        DeliveryLog.Isolating(services.Logger, partition, range.StorableCount, refused.Failure.Code);
                    await IsolateAsync(Remember(range, refused), refused.Failure, pending);
                }

                isWhole = false;
            }

            return _position;
        }
        finally
        {
            batch.Dispose();
        }
    }

    private async Task IsolateAsync(WriteRange range, StoreFailure failure, Stack<WriteRange> pending)
    {
        if (PoisonIsolation.IsAlone(range))
        {
            // An attempt whose outcome was unknown may have written it: a stored event must not become a dead letter too.
            var actual = await services.Store.ReadPositionAsync(spoolId, partition, CancellationToken.None);
            if ((actual ?? StoredPosition.Start) != _position)
                throw new FencedException(_position, actual);
            await _deadLetters.WritePoisonAsync(range, failure);
            pending.Push(PoisonIsolation.MarkDeadLettered(range));
            return;
        }

        var (first, second) = PoisonIsolation.Halve(range);
        pending.Push(second);
        pending.Push(first);
    }

    /// <summary>Null once written; else how the store refuses the data.</summary>
    private async Task<RefusedWrite?> AppendAsync(IReadOnlyList<StoreSlice> slices, StoredPosition next, bool mayRepeatRefused)
    {
        var batch = new StoreBatch { SpoolId = spoolId, Partition = partition, Expected = _position, Next = next, Slices = slices };
        var row = new RetryRow(_policy, services.Time);
        var firstFailedAt = default(DateTime);
        while (true)
        {
            switch (await AttemptAsync(batch))
            {
                // The second case: an earlier attempt whose outcome was unknown had been committed after all.
                case StoreAppendResult.Appended:
                case StoreAppendResult.OffsetMismatch { Actual: { } actual } when actual == next:
                    Moved(batch);
                    return null;
                case StoreAppendResult.OffsetMismatch { Actual: var actual }:
                    throw new FencedException(_position, actual);
                case StoreAppendResult.Failed { Failure: var failure }:
                    if (row.Attempts == 0)
                        firstFailedAt = services.Time.GetUtcNow().UtcDateTime;
                    // A write without events cannot fail because of them.
                    var kind = slices.Count == 0 && failure.Kind == StoreFailureKind.Permanent ? StoreFailureKind.Transient : failure.Kind;
                    var decision = row.Failed(kind);
                    if (decision.Pause is null || (kind == StoreFailureKind.Permanent && !mayRepeatRefused))
                        return new RefusedWrite(failure, row.Refusals, firstFailedAt);
                    await _pause.WaitAsync(failure, row, decision);
                    break;
                case var unknown:
                    throw new InvalidOperationException($"The store answered with the unknown result {unknown.GetType().Name}.");
            }
        }
    }

    private async Task<StoreAppendResult> AttemptAsync(StoreBatch batch)
    {
        status.Enter(DeliveryState.Writing);
        var start = services.Time.GetTimestamp();
        var result = await OfferAsync(batch);
        var duration = services.Time.GetElapsedTime(start);
        services.Metrics.WriteEnded(partition, duration, (result as StoreAppendResult.Failed)?.Failure.Code);
        if (result is StoreAppendResult.Appended)
            status.Change(snapshot => snapshot with { LastWriteDuration = duration });
        return result;
    }

    private async Task<StoreAppendResult> OfferAsync(StoreBatch batch)
    {
        try
        {
            return await services.Store.AppendAsync(batch, CancellationToken.None);
        }
        catch (InvalidDataException exception)
        {
            // A record that cannot be read is as good as one that is refused: it alone must not hold up the partition.
            return new StoreAppendResult.Failed(new StoreFailure(
                StoreFailureKind.Permanent, UnreadableRecordCode, exception.Message, typeof(InvalidDataException).FullName!));
        }
    }

    private void Moved(StoreBatch batch)
    {
        _position = batch.Next;
        if (batch.Slices.Count > 0)
            services.Metrics.Stored(partition, batch.EventCount);
        status.Change(snapshot => snapshot with { State = DeliveryState.Reading, Stored = batch.Next });
    }

    private static WriteRange Remember(WriteRange range, RefusedWrite refused) => range with
    {
        Attempts = range.Attempts + refused.Attempts,
        FirstFailedAt = range.FirstFailedAt ?? refused.FirstAt,
    };

    private sealed record RefusedWrite(StoreFailure Failure, int Attempts, DateTime FirstAt);
}
