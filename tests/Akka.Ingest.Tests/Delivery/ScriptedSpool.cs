namespace Akka.Ingest.Tests.Delivery;

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>A spool partition as delivery sees it, backed by a list of entries. What it is told is recorded.</summary>
internal sealed class ScriptedSpool : ReceiveActor
{
    private readonly Script _script;
    private (IActorRef Sender, long After)? _waiting;

    public ScriptedSpool(Script script)
    {
        _script = script;
        Receive<SpoolProtocol.GetStatus>(get => Sender.Tell(new SpoolProtocol.SpoolStatus(
            get.Partition, script.SpoolId, 0, 0, StoredPosition.Start, null, [])));
        Receive<SpoolProtocol.Reconcile>(reconcile =>
        {
            script.Reconciled.Add(reconcile);
            Sender.Tell(script.OnReconcile(reconcile));
        });
        Receive<SpoolProtocol.Pull>(pull =>
        {
            script.Pulls++;
            if (script.SilentPulls > 0)
            {
                script.SilentPulls--;
                return;
            }

            if (script.RestartBeforePull == script.Pulls)
            {
                // Any answer that is neither entries nor a way to the journal: the partition wants to reconcile first.
                Sender.Tell(SpoolProtocol.NotSeen.Instance);
                return;
            }

            _waiting = (Sender, pull.AfterSequence);
            Answer();
        });
        Receive<SpoolProtocol.Confirm>(confirm => script.Confirmed.Add(confirm));
        Receive<SequencedEntry>(entry =>
        {
            script.Entries.Add(entry);
            Answer();
        });
    }

    private void Answer()
    {
        if (_waiting is not var (sender, after))
            return;
        var next = _script.Entries.Where(entry => entry.Sequence > after).ToList();
        if (next.Count == 0)
            return;
        var inMemoryFrom = _script.MemoryFromSequence;
        if (next[0].Sequence < inMemoryFrom)
            sender.Tell(new SpoolProtocol.ReadFromJournal("spool-0", after + 1, Math.Min(inMemoryFrom - 1, _script.Entries[^1].Sequence)));
        else
            sender.Tell(new SpoolProtocol.Entries([.. next.Take(_script.EntriesPerPull)]));
        _waiting = null;
    }

    internal sealed class Script(IEnumerable<SequencedEntry> entries) : ISpoolJournalReader
    {
        private readonly List<(long From, long To)> _journalReads = [];

        public Guid SpoolId { get; set; } = new("0192f3a4-0000-7000-8000-00000000a001");
        public Recorded<SequencedEntry> Entries { get; } = new(entries);
        public Recorded<SpoolProtocol.Confirm> Confirmed { get; } = new([]);
        public Recorded<SpoolProtocol.Reconcile> Reconciled { get; } = new([]);
        public int EntriesPerPull { get; init; } = 4;

        /// <summary>Entries before this sequence number are only in the journal.</summary>
        public long MemoryFromSequence { get; init; }
        public int EntriesPerJournalRead { get; init; } = 3;
        public int SilentPulls { get; set; }
        public int Pulls { get; set; }

        /// <summary>Number of the pull (from 1) that finds the partition restarted; 0 for none.</summary>
        public int RestartBeforePull { get; init; }
        public IReadOnlyList<(long From, long To)> JournalReads => _journalReads;

        public Func<SpoolProtocol.Reconcile, SpoolProtocol.Resume> OnReconcile { get; set; } =
            static reconcile => new(reconcile.SpoolId, reconcile.Stored ?? StoredPosition.Start, null);

        public Task<IReadOnlyList<SequencedEntry>> ReadAsync(string persistenceId, long fromSequence, long toSequence, CancellationToken ct)
        {
            _journalReads.Add((fromSequence, toSequence));
            IReadOnlyList<SequencedEntry> found =
                [.. Entries.Where(entry => entry.Sequence >= fromSequence && entry.Sequence <= toSequence).Take(EntriesPerJournalRead)];
            return Task.FromResult(found);
        }

        public Task<ISpoolEvent?> ReadEventAsync(string persistenceId, long sequence, CancellationToken ct) =>
            throw new NotSupportedException("Delivery reads entries only.");
    }

    /// <summary>A list that one thread adds to while another reads.</summary>
    internal sealed class Recorded<T>(IEnumerable<T> items) : IEnumerable<T>
    {
        private ImmutableList<T> _items = [.. items];

        public int Count => _items.Count;
        public T this[Index index] => _items[index.GetOffset(_items.Count)];
        public void Add(T item) => ImmutableInterlocked.Update(ref _items, static (list, added) => list.Add(added), item);
        public IEnumerator<T> GetEnumerator() => _items.GetEnumerator();
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
