namespace Akka.Ingest.Tests.Spool;

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;

/// <summary>What a test does to the journal of one system.</summary>
internal sealed class JournalFaults
{
    private static readonly ConcurrentDictionary<string, JournalFaults> All = new(StringComparer.Ordinal);
    private readonly string _key = Guid.NewGuid().ToString("N");

    public JournalFaults() => All[_key] = this;

    public string Hocon => $$"""
        akka.persistence.journal.sql.class = "Akka.Ingest.Tests.Spool.FaultyJournal, Akka.Ingest.Tests"
        akka.persistence.journal.sql.faults = "{{_key}}"
        """;

    /// <summary>Runs before a write, on the journal's own thread; may block or throw.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Runs after the commit, before the partition hears of it; may wait or throw.</summary>
    public Func<Task>? AfterWrite { get; set; }

    public int Writes;
    public int Replayed;

    public static JournalFaults Of(string key) => All[key];
}

public sealed class FaultyJournal(Config config) : SqlWriteJournal(config)
{
    private readonly JournalFaults _faults = JournalFaults.Of(config.GetString("faults"));

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _faults.Writes);
        var list = messages.ToList();
        if (_faults.BeforeWrite is { } before)
            before();
        var result = await base.WriteMessagesAsync(list, cancellationToken);
        if (_faults.AfterWrite is { } after)
            await after();
        return result;
    }

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback) =>
        base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, message =>
        {
            Interlocked.Increment(ref _faults.Replayed);
            recoveryCallback(message);
        });
}
