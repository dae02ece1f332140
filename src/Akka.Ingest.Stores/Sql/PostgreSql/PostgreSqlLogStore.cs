namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>
/// Events in a PostgreSQL database, which any number of nodes may write at once: binary COPY in the transaction that moves the position.
/// The schema is in <see cref="PostgreSqlSchema"/>.
/// </summary>
internal sealed partial class PostgreSqlLogStore : ILogStore
{
    /// <summary>A read that finds a few rows and takes longer than this means that the store does not answer.</summary>
    private static readonly TimeSpan ShortRead = TimeSpan.FromSeconds(10);

    private readonly PostgreSqlStoreSettings _settings;
    private readonly IReadOnlyList<SqlMigration> _migrations;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly PostgreSqlDamage _damage = new();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile OpenStore? _open;

    public PostgreSqlLogStore(PostgreSqlStoreSettings settings, TimeProvider clock, ILogger<PostgreSqlLogStore> logger, IReadOnlyList<SqlMigration>? migrations = null)
    {
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _migrations = migrations ?? PostgreSqlSchema.Migrations;
        Indexes = new PostgreSqlIndexStrategy(() => Open.Source);
    }

    public string Provider => "PostgreSql";

    public ILogIndexStrategy Indexes { get; }

    /// <inheritdoc />
    /// <exception cref="Hosting.LeaseHeldException">Another process is the single writer of the database.</exception>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            _open ??= await OpenAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) =>
        RunShortAsync((session, token) => session.ReadPositionAsync(spoolId, partition, token), cancellationToken);

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        StoreBatches.ThrowIfContradictory(batch);
        return Open.Writer.AppendAsync(batch, cancellationToken);
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.ReadPageAsync(token), plan.MaxDuration * 2, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.CountAsync(token), plan.MaxDuration, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        RunAsync(plan, (query, token) => query.HistogramAsync(bucketCount, token), plan.MaxDuration, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => RunShortAsync(
        async (session, token) =>
        {
            using var events = new PostgreSqlEvents(session);
            var stored = await events.FindAsync(id, token);
            ReportAltered(events.Altered, 0);
            return stored;
        },
        cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        RunShortAsync((session, token) => session.ReadNumberAsync("SELECT next FROM arrivals", token), cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) => RunShortAsync(PostgreSqlHealth.ReadDaysAsync, cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => Open.Expiry.ExpireAsync(request, cancellationToken);

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) => RunShortAsync(PostgreSqlHealth.ReadCountsAsync, cancellationToken);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) => RunShortAsync(
        async (session, token) => await PostgreSqlHealth.ReadAsync(session, token) with { Damage = _damage.ToReport() }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_open is { } open)
            await open.DisposeAsync();
        _opening.Dispose();
    }

    private OpenStore Open => _open
        ?? throw new StoreException(new StoreFailure(StoreFailureKind.Transient, "postgresql:not-open", "The store is not open yet.", typeof(StoreException).FullName!));

    private async Task<OpenStore> OpenAsync(CancellationToken cancellationToken)
    {
        var source = PostgreSqlDatabase.Open(_settings);
        var lease = _settings.IsSingleWriter ? new PostgreSqlLease(source, _clock) : null;
        try
        {
            var days = new PostgreSqlDays(_settings, _clock);
            await using (var connection = await source.OpenConnectionAsync(cancellationToken))
            {
                await PostgreSqlDatabase.CheckVersionAsync(connection, cancellationToken);
                var version = await new SqlMigrator(PostgreSqlSchema.Versions, _migrations, _clock).MigrateAsync(connection, cancellationToken);
                if (lease is not null)
                    await lease.TakeAsync(cancellationToken);
                await days.EnsureAsync(connection, StoredDay.Of(_clock.GetUtcNow().UtcDateTime), cancellationToken);
                LogOpened(_logger, connection.Host ?? "", connection.Database, version);
            }

            return new OpenStore(
                source, lease, new PostgreSqlWriter(source, _settings, days, lease, _logger), new PostgreSqlReaders(source, _settings), new PostgreSqlExpiry(source, days));
        }
        catch (Exception exception)
        {
            if (lease is not null)
                await lease.DisposeAsync();
            await source.DisposeAsync();
            if (PostgreSqlFailures.IsStoreTrouble(exception) && !cancellationToken.IsCancellationRequested)
                throw PostgreSqlFailures.Opening(exception);
            throw;
        }
    }

    private Task<T> RunShortAsync<T>(Func<PostgreSqlSession, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        Open.Readers.RunAsync(read, ShortRead, cancellationToken);

    private Task<T> RunAsync<T>(LogQueryPlan plan, Func<PostgreSqlQuery, CancellationToken, Task<T>> read, TimeSpan limit, CancellationToken cancellationToken) => Open.Readers.RunAsync(
        async (session, token) =>
        {
            using var query = new PostgreSqlQuery(session, plan, _settings, _clock);
            var result = await read(query, token);
            ReportAltered(query.Altered, query.AlteredRows);
            return result;
        },
        limit,
        cancellationToken);

    private void ReportAltered(IReadOnlyList<EventId> altered, int alteredInScans)
    {
        var rows = altered.Count + alteredInScans;
        if (rows == 0)
            return;
        _damage.Add(altered);
        StoreInstruments.AlteredRecords.Add(rows);
        LogAltered(_logger, rows);
    }

    /// <summary>What exists once the database has answered.</summary>
    private sealed record OpenStore(NpgsqlDataSource Source, PostgreSqlLease? Lease, PostgreSqlWriter Writer, PostgreSqlReaders Readers, PostgreSqlExpiry Expiry) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Writer.DisposeAsync();
            Readers.Dispose();
            if (Lease is not null)
                await Lease.DisposeAsync();
            await Source.DisposeAsync();
        }
    }

    [LoggerMessage(3110, LogLevel.Information, "Store {Database} on {Host} is open, schema version {Version}")]
    private static partial void LogOpened(ILogger logger, string host, string database, int version);

    [LoggerMessage(3111, LogLevel.Error, "{Rows} stored events do not match their checksum and are not served; the database was altered or damaged")]
    private static partial void LogAltered(ILogger logger, int rows);
}
