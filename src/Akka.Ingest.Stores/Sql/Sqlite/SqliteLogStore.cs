namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using EventId = Akka.Ingest.Model.EventId;

/// <summary>
/// Events in one SQLite file: WAL with <c>synchronous = FULL</c>, so an append that returned is on disk. One writer, several readers
/// that never wait for it. The schema is in <see cref="SqliteSchema"/>.
/// </summary>
internal sealed partial class SqliteLogStore : ILogStore
{
    /// <summary>A read that finds one row and takes longer than this means that the store does not answer.</summary>
    private static readonly TimeSpan ShortRead = TimeSpan.FromSeconds(10);

    private readonly SqliteStoreSettings _settings;
    private readonly IReadOnlyList<SqliteMigration> _migrations;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SqliteReaders _readers;
    private readonly SqliteDamage _damage = new();
    private SqliteWriter? _writer;

    public SqliteLogStore(SqliteStoreSettings settings, TimeProvider clock, ILogger<SqliteLogStore> logger, IReadOnlyList<SqliteMigration>? migrations = null)
    {
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _migrations = migrations ?? SqliteSchema.Migrations;
        _readers = new SqliteReaders(settings);
    }

    public string Provider => "Sqlite";

    public ILogIndexStrategy Indexes { get; } = new SqliteIndexStrategy();

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            _writer ??= await Task.Factory.StartNew(Open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _opening.Release();
        }
    }

    public Task<StoredPosition?> ReadPositionAsync(Guid spoolId, int partition, CancellationToken cancellationToken) => Readers.RunAsync(
        (session, _) => SqlitePositions.FindSpool(session, spoolId) is >= 0 and var number
            ? SqlitePositions.Read(session, number, partition)
            : (StoredPosition?)null,
        ShortRead,
        cancellationToken);

    public Task<StoreAppendResult> AppendAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        StoreBatches.ThrowIfContradictory(batch);
        return Writer.AppendAsync(batch, cancellationToken);
    }

    public Task<LogPage> QueryAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, query => query.ReadPage(), plan.MaxDuration * 2, cancellationToken);

    public Task<long> CountAsync(LogQueryPlan plan, CancellationToken cancellationToken) =>
        RunAsync(plan, query => query.Count(), plan.MaxDuration, cancellationToken);

    public Task<LogHistogram> HistogramAsync(LogQueryPlan plan, int bucketCount, CancellationToken cancellationToken) =>
        RunAsync(plan, query => query.Histogram(bucketCount), plan.MaxDuration, cancellationToken);

    public Task<StoredEvent?> FindAsync(EventId id, CancellationToken cancellationToken) => Readers.RunAsync(
        (session, _) =>
        {
            if (SqliteLookup.FindArrival(session, id) is not { } arrival)
                return null;
            var altered = new AlteredRows();
            using var reader = new SqliteEventReader(session, SqlitePositions.ReadSpools(session), altered);
            var stored = reader.Read(arrival);
            ReportAltered(session, altered);
            return stored?.Id == id ? stored : null;
        },
        ShortRead,
        cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync((session, _) => session.ReadInt64("SELECT value FROM Counters LIMIT 1"), ShortRead, cancellationToken);

    public Task<IReadOnlyList<StoredDay>> ReadDaysAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync((session, _) => SqliteDayCounts.ReadDays(session), ShortRead, cancellationToken);

    public Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken) => Writer.ExpireAsync(request, cancellationToken);

    public Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync((session, _) => SqliteDayCounts.ReadCounts(session), ShortRead, cancellationToken);

    public Task<StoreHealth> ReadHealthAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync((session, _) => SqliteHealth.Read(session, _settings, _damage), ShortRead, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_writer is { } writer)
            await writer.DisposeAsync();
        _readers.Dispose();
        _opening.Dispose();
    }

    private SqliteWriter Writer => _writer ?? throw NotOpen();

    private SqliteReaders Readers => _writer is null ? throw NotOpen() : _readers;

    private static StoreException NotOpen() =>
        new(new StoreFailure(StoreFailureKind.Transient, "sqlite:not-open", "The store is not open yet.", typeof(StoreException).FullName!));

    private SqliteWriter Open()
    {
        SqliteSession? session = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_settings.DatabaseFile))!);
            session = SqliteSession.Open(_settings, isWriter: true, mayCreate: true);
            var version = SqliteMigrator.Migrate(session, _migrations, _clock);
            LogOpened(_logger, _settings.DatabaseFile, version);
            return new SqliteWriter(_settings, session, _logger);
        }
        catch (SqliteException exception)
        {
            session?.Dispose();
            throw new StoreException(SqliteFailures.Of(exception), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                new StoreFailure(StoreFailureKind.Transient, "io", exception.Message, exception.GetType().FullName!), exception);
        }
        catch (StoreException)
        {
            session?.Dispose();
            throw;
        }
    }

    private Task<T> RunAsync<T>(LogQueryPlan plan, Func<SqliteQuery, T> read, TimeSpan limit, CancellationToken cancellationToken) => Readers.RunAsync(
        (session, token) =>
        {
            using var query = new SqliteQuery(session, plan, _clock, token);
            var result = read(query);
            ReportAltered(session, query.Altered);
            return result;
        },
        limit,
        cancellationToken);

    private void ReportAltered(SqliteSession session, AlteredRows altered)
    {
        if (altered.Count == 0)
            return;
        StoreInstruments.AlteredRecords.Add(altered.Count);
        LogAltered(_logger, altered.Count, _settings.DatabaseFile, string.Join(", ", _damage.Add(session, altered)));
    }

    [LoggerMessage(3010, LogLevel.Information, "Store {File} is open, schema version {Version}")]
    private static partial void LogOpened(ILogger logger, string file, int version);

    [LoggerMessage(3011, LogLevel.Error, "{Rows} stored events do not match their checksum and are not served; the file {File} was altered or damaged. Lost, as far as not told before: {Events}")]
    private static partial void LogAltered(ILogger logger, int rows, string file, string events);
}
