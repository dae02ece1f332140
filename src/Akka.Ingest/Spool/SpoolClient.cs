namespace Akka.Ingest.Spool;

using Akka.Actor;
using Akka.Ingest.Model;

/// <summary>Asks the spool on behalf of HTTP requests.</summary>
/// <param name="spool">The parent of the partitions, or a shard region.</param>
/// <param name="partitions">How many partitions there are.</param>
/// <param name="gate">Holds the capacity.</param>
/// <param name="time">Clock.</param>
/// <param name="limits">How long to wait.</param>
internal sealed class SpoolClient(Func<IActorRef> spool, int partitions, BacklogGate gate, TimeProvider time, SpoolClientLimits limits) : ILogIngestionQueue
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Small requests go to one partition until so many bytes went there: they share an entry, and a commit writes few pages.
    /// </summary>
    private const long SmallBytesInARow = 64 * 1024;

    private long _smallBytes;
    private uint _next;

    public async ValueTask<AppendOutcome> AppendAsync(
        EventBlock block, DateTime receivedAt, string apiKeyId, IdempotencyIdentity? identity, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (await gate.EnterAsync(block.EventCount, block.RawBytes, cancellationToken) is { } refusal)
            return new AppendOutcome(null, refusal);
        try
        {
            return (await HoldAsync(
                async () => await AskAsync(new SpoolProtocol.Append(PartitionFor(block, identity), block, receivedAt, apiKeyId, identity)), start, cancellationToken))!;
        }
        finally
        {
            gate.Release(block.EventCount);
        }
    }

    public async ValueTask<AppendOutcome?> FindAsync(IdempotencyIdentity identity, CancellationToken cancellationToken) =>
        await HoldAsync(() => AskForAsync(identity, cancellationToken), time.GetTimestamp(), cancellationToken);

    /// <summary>
    /// Nothing was written where a partition is recovering or its journal is away for a moment: such a request is held and asked
    /// again before it is refused.
    /// </summary>
    private async Task<AppendOutcome?> HoldAsync(Func<Task<AppendOutcome?>> ask, long start, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = await ask();
            if (outcome?.Error?.Kind != IngestErrorKind.JournalUnavailable)
                return outcome;
            if (gate.IsStopping)
                return new AppendOutcome(null, SpoolErrors.Stopping);
            if (time.GetElapsedTime(start) + RetryPause > limits.MaxHold)
                return outcome;
            await Task.Delay(RetryPause, time, cancellationToken);
        }
    }

    private async Task<AppendOutcome?> AskForAsync(IdempotencyIdentity identity, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await spool().Ask<object>(new SpoolProtocol.Find(PartitionFor(identity), identity), limits.AnswerTimeout, cancellationToken);
            return answer is SpoolProtocol.NotSeen ? null : OutcomeOf(answer);
        }
        catch (AskTimeoutException)
        {
            // Nothing was written by asking; whether the first request was is not known.
            return new AppendOutcome(null, SpoolErrors.Unavailable);
        }
    }

    public async Task<IReadOnlyList<SpoolProtocol.SpoolStatus>> GetStatusAsync(CancellationToken cancellationToken)
    {
        var target = spool();
        return await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition =>
            target.Ask<SpoolProtocol.SpoolStatus>(new SpoolProtocol.GetStatus(partition), StatusTimeout, cancellationToken)));
    }

    public void StopAccepting() => gate.StopAccepting();

    /// <summary>What was handed over is awaited without a token: the caller disposes the block only after the answer.</summary>
    private async Task<AppendOutcome> AskAsync(SpoolProtocol.Append append)
    {
        try
        {
            return OutcomeOf(await spool().Ask<object>(append, limits.AnswerTimeout, CancellationToken.None));
        }
        catch (AskTimeoutException)
        {
            return new AppendOutcome(null, append.TryGiveUp() ? SpoolErrors.Unavailable : SpoolErrors.Unknown);
        }
    }

    /// <summary>A repeat has to meet the partition that remembers the first; all else is spread evenly.</summary>
    private int PartitionFor(EventBlock block, IdempotencyIdentity? identity)
    {
        if (identity is { } declared)
            return PartitionFor(declared);
        return block.IsPlain
            ? (int)(Interlocked.Add(ref _smallBytes, block.RawBytes) / SmallBytesInARow % partitions)
            : (int)(Interlocked.Increment(ref _next) % (uint)partitions);
    }

    private int PartitionFor(IdempotencyIdentity identity) => (int)(identity.Key % (uint)partitions);

    private static AppendOutcome OutcomeOf(object answer) => answer switch
    {
        SpoolProtocol.Appended appended => new AppendOutcome(appended.Receipt, null, appended.Replayed),
        SpoolProtocol.AppendRejected rejected => new AppendOutcome(null, rejected.Error),
        _ => throw new InvalidOperationException($"The spool answered with a {answer.GetType()}."),
    };
}

/// <param name="MaxHold">How long a request waits for a journal that is away before it is refused: <c>MaxHoldMs</c>.</param>
/// <param name="AnswerTimeout">How long the journal may take for one answer.</param>
internal sealed record SpoolClientLimits(TimeSpan MaxHold, TimeSpan AnswerTimeout)
{
    /// <summary>Longer than the journal's circuit breaker waits for a call, so that the partition knows first.</summary>
    public static readonly TimeSpan DefaultAnswerTimeout = TimeSpan.FromSeconds(30);
}
