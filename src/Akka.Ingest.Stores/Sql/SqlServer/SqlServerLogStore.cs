namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>Events in a database of SQL Server. Any number of processes may write and read. The schema is in <see cref="SqlServerSchema"/>.</summary>
internal sealed partial class SqlServerLogStore : ILogStore
{
    /// <summary>A read that finds one row and takes longer than this means that the store does not answer.</summary>
    private static readonly TimeSpan ShortRead = TimeSpan.FromSeconds(10);

    private readonly SqlServerStoreSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SqlServerDatabase _database;
    private readonly SqlServerReaders _readers;
    private readonly SqlServerHealth _health;
    private readonly SqlServerDamage _damage;
    private readonly SqlServerOpening _opening;
    private readonly SqlServerExpiry _expiry;
    private SqlServerWriter? _writer;

    /// <exception cref="StoreException">The connection string cannot be read.</exception>
    public SqlServerLogStore(
        SqlServerStoreSettings settings, TimeProvider clock, ILogger<SqlServerLogStore> logger, IReadOnlyList<SqlMigration>? migrations = null)
    {
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _database = new SqlServerDatabase(settings);
        _readers = new SqlServerReaders(_database, settings.Readers);
        _health = new SqlServerHealth(_readers, settings, clock);
        _damage = new SqlServerDamage(_database, logger);
        _opening = new SqlServerOpening(_database, settings, new SqlMigrator(SqlServerSchema.Versions, migrations ?? SqlServerSchema.Migrations, clock));
        _expiry = new SqlServerExpiry(_database, settings);
        Indexes = new SqlServerIndexStrategy(_health.ReadSizesAsync);
    }

    public string Provider => "SqlServer";

    public ILogIndexStrategy Indexes { get; }

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (await _opening.OpenAsync(cancellationToken) is not { } version)
            return;
        _writer = new SqlServerWriter(_database, _settings, _opening.Lease, _logger);
        LogOpened(_logger, _database.Name, version);
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) => Readers.RunAsync(
        async (read, token) => (await read.RowsAsync(
            SqlServerReadSql.Position, [SqlServerTables.SpoolOf(spoolId), (byte)partition], row => SqlServerRows.Position(row, 0), token))[0],
        ShortRead,
        cancellationToken);

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        StoreBatches.ThrowIfContradictory(batch);
        return (_writer ?? throw NotOpen()).AppendAsync(batch, cancellationToken);
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.ReadPageAsync(token), plan.MaxDuration * 2, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.CountAsync(token), plan.MaxDuration, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.HistogramAsync(bucketCount, token), plan.MaxDuration, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => Readers.RunAsync(
        async (read, token) =>
        {
            var reader = new SqlServerEventReader();
            var rows = await read.RowsAsync(
                SqlServerReadSql.Find, [SqlServerTables.SpoolOf(id.SpoolId), (byte)id.Partition, id.Ordinal], reader.Read, token);
            if (rows is [null])
                _damage.Report([id]);
            return rows is [{ } stored] ? stored : null;
        },
        ShortRead,
        cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync((read, token) => read.RowsAsync(SqlServerReadSql.Ping, [], row => row.GetInt64(0), token), ShortRead, cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => Readers.RunAsync(
        (read, token) => read.RowsAsync(
            SqlServerReadSql.Days,
            [],
            row => new StoredDay(
                DateOnly.FromDateTime(row.GetDateTime(0)), row.GetInt64(1), SqlServerHealth.BytesOf(row.GetInt64(1), row.GetInt64(2)), row.GetInt64(3), row.GetInt64(4)),
            token),
        ShortRead,
        cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        _ = Readers;
        return SqlServerCalls.RunAsync(token => _expiry.StepAsync(request, token), _settings.WriteLimit, cancellationToken);
    }

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => Readers.RunAsync(
        (read, token) => read.RowsAsync(
            SqlServerReadSql.Counts,
            [],
            row => new StoredCounts(SqlServerRows.Spool(row, 0), Encoding.UTF8.GetString(SqlServerRows.Bytes(row, 1)), row.GetInt64(2), row.GetInt64(3)),
            token),
        ShortRead,
        cancellationToken);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken)
    {
        _ = Readers;
        return _health.ReadAsync(_damage.List(), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is { } writer)
            await writer.DisposeAsync();
        await _opening.DisposeAsync();
        _health.Dispose();
        _readers.Dispose();
    }

    private SqlServerReaders Readers => _writer is null ? throw NotOpen() : _readers;

    private static StoreException NotOpen() =>
        new(new StoreFailure(StoreFailureKind.Transient, "sqlserver:not-open", "The store is not open yet.", typeof(StoreException).FullName!));

    private Task<T> RunAsync<T>(LogQueryPlan plan, Func<SqlServerQuery, CancellationToken, Task<T>> run, TimeSpan limit, CancellationToken cancellationToken) =>
        Readers.RunAsync(
            async (read, token) =>
            {
                var query = new SqlServerQuery(read, plan, _clock);
                var result = await run(query, token);
                _damage.Report(query.Altered);
                return result;
            },
            limit,
            cancellationToken);

    [LoggerMessage(3210, LogLevel.Information, "Store in database {Database} is open, schema version {Version}")]
    private static partial void LogOpened(ILogger logger, string database, int version);
}
