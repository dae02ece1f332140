namespace Akka.Ingest.Spool;

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

/// <summary>Reads through Akka.Persistence.Query; the plugin's <c>max-buffer-size</c> says how many rows come at a time.</summary>
internal sealed class SpoolJournalReader(Func<ActorSystem> system, CorruptEntries corrupt) : ISpoolJournalReader
{
    public const string PluginId = "akka.persistence.query.journal.sql";

    /// <summary>A read ends with the entry that reaches this: entries can be mebibytes, and every partition reads.</summary>
    private const long ReadBytes = 4L * 1024 * 1024;

    // Made at the first read: the plugin waits for the write journal to be there, and throws when that takes too long. Only a
    // success is kept, so that the next read tries again.
    private readonly Lazy<(ICurrentEventsByPersistenceIdQuery Journal, IMaterializer Materializer)> _journal = new(
        () => (PersistenceQuery.Get(system()).ReadJournalFor<Akka.Persistence.Sql.Query.SqlReadJournal>(PluginId), system().Materializer()),
        LazyThreadSafetyMode.PublicationOnly);

    public async Task<IReadOnlyList<SequencedEntry>> ReadAsync(string persistenceId, long fromSequence, long toSequence, CancellationToken cancellationToken)
    {
        var entries = new List<SequencedEntry>();
        foreach (var envelope in await ReadEventsAsync(persistenceId, fromSequence, toSequence, cancellationToken))
        {
            if (envelope.Event is SpoolEntry entry)
                entries.Add(new SequencedEntry(envelope.SequenceNr, entry));
            else if (envelope.Event is CorruptEntry damaged)
                corrupt.SetAside(persistenceId, envelope.SequenceNr, damaged);
        }

        return entries;
    }

    public async Task<ISpoolEvent?> ReadEventAsync(string persistenceId, long sequence, CancellationToken cancellationToken) =>
        (await ReadEventsAsync(persistenceId, sequence, sequence, cancellationToken)).FirstOrDefault()?.Event as ISpoolEvent;

    private async Task<IImmutableList<EventEnvelope>> ReadEventsAsync(string persistenceId, long from, long to, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        try
        {
            // Away from the caller's thread: the driver blocks.
            return await Task.Run(
                () =>
                {
                    var (journal, materializer) = _journal.Value;
                    return journal.CurrentEventsByPersistenceId(persistenceId, from, to)
                        .TakeWhile(envelope => (bytes += envelope.Event is SpoolEntry entry ? entry.Bytes.Length : 0) < ReadBytes, inclusive: true)
                        .RunWith(Sink.Seq<EventEnvelope>(), materializer);
                },
                cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever the plugin and the driver below it throw: the one answer is to try again.
            throw new SpoolReadException($"Reading {persistenceId} from {from} to {to} failed: {exception.Message}", exception);
        }
    }
}
