namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Akka.Persistence.Sql;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>A folder with a journal that outlives the actor systems started on it.</summary>
internal sealed class SpoolFolder : IDisposable
{
    public SpoolFolder() => Path = Directory.CreateTempSubdirectory("akka-ingest-spool-").FullName;

    public string Path { get; }

    public string DatabaseFile => System.IO.Path.Combine(Path, SpoolJournal.FileName);

    public Microsoft.Data.Sqlite.SqliteConnection Open()
    {
        var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={DatabaseFile};Pooling=False;Default Timeout=5");
        connection.Open();
        return connection;
    }

    public void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public T Scalar<T>(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)command.ExecuteScalar()!;
    }

    public void Backup(string to)
    {
        using var connection = Open();
        using var target = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={to};Pooling=False");
        connection.BackupDatabase(target);
    }

    /// <summary>The file and its log.</summary>
    public long Bytes => new[] { DatabaseFile, DatabaseFile + "-wal" }.Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length);

    public void Restore(string from)
    {
        ClearPool();
        File.Delete(DatabaseFile + "-wal");
        File.Delete(DatabaseFile + "-shm");
        File.Copy(from, DatabaseFile, overwrite: true);
    }

    public void Dispose()
    {
        ClearPool();
        Directory.Delete(Path, recursive: true);
    }

    private void ClearPool()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(SpoolJournal.ConnectionString(DatabaseFile));
        Microsoft.Data.Sqlite.SqliteConnection.ClearPool(connection);
    }
}

/// <summary>One process' worth of spool: an actor system with the real journal on a folder.</summary>
internal sealed class SpoolNode : IAsyncDisposable
{
    public const int Partition = 0;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private SpoolNode(ActorSystem system, IActorRef spool, BacklogGate gate, ISpoolJournalReader reader)
    {
        System = system;
        Spool = spool;
        Gate = gate;
        Reader = reader;
    }

    public ActorSystem System { get; }
    public IActorRef Spool { get; }
    public BacklogGate Gate { get; }
    public ISpoolJournalReader Reader { get; }

    /// <summary>Starts and waits until every partition has recovered.</summary>
    public static async Task<SpoolNode> StartAsync(
        SpoolFolder folder, Func<SpoolActorSettings, SpoolActorSettings>? change = null, string hocon = "", int partitions = 1,
        long capacity = 1_000_000, TimeProvider? time = null, bool waitUntilReady = true)
    {
        time ??= TimeProvider.System;
        var journal = new SpoolJournal(folder.Path, partitions, time);
        journal.Initialize();
        var config = ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.FromResource("akka.ingest.test.conf", typeof(SpoolHosting).Assembly))
            .WithFallback(SpoolHosting.JournalConfig())
            .WithFallback(SqlPersistence.DefaultConfiguration);
        var system = ActorSystem.Create("spool-test", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), SpoolHosting.ConnectionSetup(journal)));
        var gate = new BacklogGate(new IngestionPipelineOptions { QueueCapacity = capacity, Partitions = partitions }, time);
        var reader = new SpoolJournalReader(() => system, new CorruptEntries(CorruptFolder(folder), NullLogger<CorruptEntries>.Instance));
        change ??= settings => settings;
        var spool = system.ActorOf(
            SpoolPartitions.PropsFor(
                partitions,
                partition => SpoolActor.PropsFor(change(new SpoolActorSettings(partition, partitions, reader, new SpoolJournalTrim(journal), gate)
                {
                    Time = time,
                    Log = NullLogger.Instance,
                    SnapshotInterval = TimeSpan.FromHours(1),
                })),
                null,
                NullLogger.Instance),
            "spool");
        var node = new SpoolNode(system, spool, gate, reader);
        if (waitUntilReady)
        {
            for (var partition = 0; partition < partitions; partition++)
                await node.StatusAsync(partition);
        }

        return node;
    }

    public Task<object> AppendAsync(EventBlock block, IdempotencyIdentity? identity = null, string apiKeyId = "key", DateTime? at = null, int partition = Partition) =>
        Spool.Ask<object>(new SpoolProtocol.Append(partition, block, at ?? TestEvents.ReceivedAt, apiKeyId, identity), Timeout);

    public async Task<SpoolProtocol.Appended> AppendOkAsync(int events, IdempotencyIdentity? identity = null, DateTime? at = null, int partition = Partition)
    {
        using var block = TestEvents.Block(events);
        return Assert.IsType<SpoolProtocol.Appended>(await AppendAsync(block, identity, at: at, partition: partition));
    }

    public Task<SpoolProtocol.SpoolStatus> StatusAsync(int partition = Partition) =>
        Spool.Ask<SpoolProtocol.SpoolStatus>(new SpoolProtocol.GetStatus(partition), Timeout);

    public Task<SpoolProtocol.Resume> ReconcileAsync(Guid spoolId, StoredPosition? stored) =>
        Spool.Ask<SpoolProtocol.Resume>(new SpoolProtocol.Reconcile(Partition, spoolId, stored), Timeout);

    /// <summary>As delivery begins: the store is asked for the id, again if the id is another.</summary>
    public async Task<SpoolProtocol.Resume> ReconcileAsync(FakeStore store)
    {
        var spoolId = (await StatusAsync()).SpoolId;
        while (true)
        {
            var resume = await ReconcileAsync(spoolId, store.Position(spoolId));
            if (resume.SpoolId == spoolId)
                return resume;
            spoolId = resume.SpoolId;
        }
    }

    public Task<object> PullAsync(long after) => Spool.Ask<object>(new SpoolProtocol.Pull(Partition, after), Timeout);

    /// <summary>What delivery gets after a place, from memory or from the journal; empty at the head.</summary>
    public async Task<IReadOnlyList<SequencedEntry>> EntriesAfterAsync(long after)
    {
        var head = (await StatusAsync()).HeadSequence;
        while (true)
        {
            var answer = await PullOrNullAsync(after);
            switch (answer)
            {
                case SpoolProtocol.Entries entries:
                    return entries.Items;
                case SpoolProtocol.ReadFromJournal read:
                    var found = await Reader.ReadAsync(read.PersistenceId, read.FromSequence, read.ToSequence, CancellationToken.None);
                    if (found.Count > 0)
                        return found;
                    after = read.ToSequence;
                    if (after >= head)
                        return [];
                    break;
                default:
                    return [];
            }
        }
    }

    /// <summary>Delivers everything into the store, as the stream would.</summary>
    public async Task DeliverAllAsync(FakeStore store, SpoolProtocol.Resume resume, int limit = int.MaxValue, bool confirm = true)
    {
        var after = Math.Max(0, resume.From.Offset.Sequence - 1);
        var settled = resume.From.Ordinal;
        while (limit > 0 && await EntriesAfterAsync(after) is { Count: > 0 } entries)
        {
            foreach (var (sequence, entry) in entries)
            {
                after = sequence;
                if (entry.EndOrdinal <= settled)
                    continue;
                store.Append(resume.SpoolId, Math.Max(settled, entry.FirstOrdinal), entry, sequence);
                settled = entry.EndOrdinal;
                if (confirm)
                    Spool.Tell(new SpoolProtocol.Confirm(Partition, resume.SpoolId, entry.EndPosition(sequence)));
                if (--limit == 0)
                    break;
            }
        }
    }

    /// <summary>Ends without a last snapshot, as kill does.</summary>
    public async Task KillAsync() => await System.Terminate();

    public async Task StopAsync()
    {
        await Spool.GracefulStop(Timeout, SpoolProtocol.StopPartition.Instance);
        await System.Terminate();
    }

    public async ValueTask DisposeAsync() => await System.Terminate();

    private static string CorruptFolder(SpoolFolder folder) => Path.Combine(folder.Path, "corrupt");

    /// <summary>A pull at the head waits; a status asked after it shows that it does.</summary>
    private async Task<object?> PullOrNullAsync(long after)
    {
        var pull = PullAsync(after);
        await StatusAsync();
        return pull.IsCompleted ? await pull : null;
    }
}

/// <summary>Keeps event ids and positions as a store does, and tells what came twice.</summary>
internal sealed class FakeStore
{
    private readonly Dictionary<Guid, StoredPosition> _positions = [];

    public HashSet<EventId> Events { get; } = [];
    public int Duplicates { get; private set; }

    public StoredPosition? Position(Guid spoolId) => _positions.TryGetValue(spoolId, out var position) ? position : null;

    public void Append(Guid spoolId, long from, SpoolEntry entry, long sequence)
    {
        for (var ordinal = from; ordinal < entry.EndOrdinal; ordinal++)
        {
            if (!Events.Add(new EventId(spoolId, 0, ordinal)))
                Duplicates++;
        }

        _positions[spoolId] = entry.EndPosition(sequence);
    }

    public void SetPosition(Guid spoolId, StoredPosition position) => _positions[spoolId] = position;

    public FakeStore Copy()
    {
        var copy = new FakeStore();
        foreach (var (id, position) in _positions)
            copy._positions[id] = position;
        copy.Events.UnionWith(Events);
        return copy;
    }
}
