namespace Akka.Ingest.Delivery;

using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>
/// The only place of delivery that asks the spool: where to go on, and for the next entries, from memory or, for a
/// backlog, from the journal a few at a time.
/// </summary>
/// <remarks>Not thread-safe: one question at a time.</remarks>
internal sealed class SpoolReader(DeliveryServices services, int partition, CancellationToken stopping)
{
    private const int MaxSpoolIds = 4;
    private long _afterSequence;
    private SpoolProtocol.ReadFromJournal? _backlog;

    /// <summary>Agrees with the spool on where to go on; <see cref="ReadAsync"/> then starts there.</summary>
    /// <exception cref="AskTimeoutException">The spool does not answer.</exception>
    /// <exception cref="Storage.StoreException">The store does not tell where it stands.</exception>
    public async Task<DeliveryStart> ReconcileAsync()
    {
        var spoolId = (await AskAsync<SpoolProtocol.SpoolStatus>(new SpoolProtocol.GetStatus(partition))).SpoolId;
        for (var i = 0; i < MaxSpoolIds; i++)
        {
            var stored = await services.Store.ReadPositionAsync(spoolId, partition, stopping);
            var resume = await AskAsync<SpoolProtocol.Resume>(new SpoolProtocol.Reconcile(partition, spoolId, stored));
            if (resume.SpoolId == spoolId)
            {
                // The entry itself once more: part of it may not be settled.
                _afterSequence = Math.Max(0, resume.From.Offset.Sequence - 1);
                _backlog = null;
                return new DeliveryStart(spoolId, stored ?? StoredPosition.Start, resume.From, resume.Missing);
            }

            spoolId = resume.SpoolId;
        }

        throw new InvalidOperationException("The spool answered every reconciliation with another spool id.");
    }

    /// <summary>
    /// The next entries, at least one; waits while there are none. Null when stopping, and when the spool wants to reconcile
    /// first: it was restarted.
    /// </summary>
    public async Task<IReadOnlyList<SequencedEntry>?> ReadAsync()
    {
        try
        {
            while (true)
            {
                var entries = _backlog is null ? await PullAsync() : await ReadBacklogAsync(_backlog);
                if (entries is not { Count: 0 })
                    return entries;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Empty: ask again. Null: start over.</summary>
    private async Task<IReadOnlyList<SequencedEntry>?> PullAsync()
    {
        switch (await TryAskAsync(new SpoolProtocol.Pull(partition, _afterSequence)))
        {
            case null:
                // Nothing came in; or the spool was restarted and has forgotten the question.
                return [];
            case SpoolProtocol.Entries { Items: var items }:
                var fresh = items.Length > 0 && items[0].Sequence > _afterSequence
                    ? (IReadOnlyList<SequencedEntry>)items
                    : [.. items.Where(item => item.Sequence > _afterSequence)];
                if (fresh.Count > 0)
                    _afterSequence = fresh[^1].Sequence;
                return fresh;
            case SpoolProtocol.ReadFromJournal backlog:
                if (backlog.ToSequence <= _afterSequence)
                    throw new InvalidDataException($"The spool sends to the journal for {backlog.ToSequence}, which was read already.");
                _backlog = backlog with { FromSequence = Math.Max(backlog.FromSequence, _afterSequence + 1) };
                return [];
            default:
                // Whatever else the spool answers (ReconcileFirst) means that it cannot go on from here.
                return null;
        }
    }

    private async Task<IReadOnlyList<SequencedEntry>> ReadBacklogAsync(SpoolProtocol.ReadFromJournal backlog)
    {
        var to = Math.Min(backlog.ToSequence, backlog.FromSequence + services.Settings.JournalReadEntries - 1);
        var entries = await services.Journal.ReadAsync(backlog.PersistenceId, backlog.FromSequence, to, stopping);
        _afterSequence = entries.Count == 0 ? to : entries[^1].Sequence;
        _backlog = _afterSequence >= backlog.ToSequence ? null : backlog with { FromSequence = _afterSequence + 1 };
        return entries;
    }

    private async Task<object?> TryAskAsync(SpoolProtocol.ISpoolCommand command)
    {
        try
        {
            return await AskAsync<object>(command);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private Task<TReply> AskAsync<TReply>(SpoolProtocol.ISpoolCommand command) =>
        services.Spool.Ask<TReply>(command, services.Settings.PullTimeout, stopping);
}

/// <summary>What a run of delivery starts from.</summary>
/// <param name="Stored">Where the store stands for the spool id.</param>
/// <param name="From">The first event to deliver.</param>
/// <param name="Missing">Ordinals [From, To) that neither journal nor store holds; null for none.</param>
internal sealed record DeliveryStart(Guid SpoolId, StoredPosition Stored, StoredPosition From, (long From, long To)? Missing);
