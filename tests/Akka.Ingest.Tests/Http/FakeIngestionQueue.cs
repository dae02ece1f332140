namespace Akka.Ingest.Tests.Http;

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>A queue in memory: one partition, nothing durable, everything can be made to fail or to wait.</summary>
internal sealed class FakeIngestionQueue : ILogIngestionQueue
{
    public static readonly Guid SpoolId = new("5d1b0c2e-8e60-4bd5-9a3e-6f7d5f1c0a11");
    private static readonly IngestError Stopping = new(IngestErrorKind.Stopping, "The spool is stopping.");
    private readonly ConcurrentDictionary<UInt128, (IdempotencyIdentity Identity, Receipt Receipt)> _known = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _head;

    public ConcurrentQueue<Appended> Appends { get; } = new();
    public IngestError? Refuse { get; set; }
    public Task Gate { get; set; } = Task.CompletedTask;
    public SemaphoreSlim Entered { get; } = new(0);
    public long StoredOrdinal { get; set; }
    public Exception? StatusFailure { get; set; }
    public ImmutableArray<(Guid SpoolId, long EndOrdinal)> Earlier { get; set; } = [];

    /// <summary>The request is past the point where a stop could refuse it.</summary>
    public bool IgnoresStop { get; set; }

    public bool IsStopped => _stopped.Task.IsCompleted;

    public async ValueTask<AppendOutcome> AppendAsync(
        EventBlock block, DateTime receivedAt, string apiKeyId, IdempotencyIdentity? identity, CancellationToken cancellationToken)
    {
        Entered.Release();
        if (IgnoresStop)
            await Gate;
        else if (await Task.WhenAny(Gate, _stopped.Task).WaitAsync(cancellationToken) == _stopped.Task)
            return new AppendOutcome(null, Stopping);
        if (Refuse is { } error)
            return new AppendOutcome(null, error);
        var receipt = new Receipt(SpoolId, 0, Interlocked.Add(ref _head, block.EventCount) - block.EventCount, block.EventCount, block.RejectedCount);
        Appends.Enqueue(new Appended(apiKeyId, block.EventCount, block.RejectedCount, receivedAt));
        if (identity is { } declared)
            _known[declared.Key] = (declared, receipt);
        return new AppendOutcome(receipt, null);
    }

    public ValueTask<AppendOutcome?> FindAsync(IdempotencyIdentity identity, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(identity.Key, out var known))
            return ValueTask.FromResult<AppendOutcome?>(null);
        return ValueTask.FromResult<AppendOutcome?>(known.Identity == identity
            ? new AppendOutcome(known.Receipt, null, Replayed: true)
            : new AppendOutcome(null, new IngestError(IngestErrorKind.IdempotencyConflict, "The key was used with another body.")));
    }

    public Task<IReadOnlyList<SpoolProtocol.SpoolStatus>> GetStatusAsync(CancellationToken cancellationToken) => StatusFailure is { } failure
        ? Task.FromException<IReadOnlyList<SpoolProtocol.SpoolStatus>>(failure)
        : Task.FromResult<IReadOnlyList<SpoolProtocol.SpoolStatus>>(
        [
            new SpoolProtocol.SpoolStatus(
                0, SpoolId, Appends.Count, Interlocked.Read(ref _head),
                new StoredPosition(SpoolOffset.Start, StoredOrdinal, 0),
                StoredOrdinal < _head ? Appends.First().ReceivedAt : null, Earlier)
            {
                Accepted = Appends.GroupBy(append => append.ApiKeyId, StringComparer.Ordinal).ToImmutableDictionary(
                    group => group.Key, group => new AcceptedCount(group.Sum(append => append.Events), group.Sum(append => append.Rejected)), StringComparer.Ordinal),
            },
        ]);

    public void StopAccepting() => _stopped.TrySetResult();

    internal sealed record Appended(string ApiKeyId, int Events, int Rejected, DateTime ReceivedAt);
}
