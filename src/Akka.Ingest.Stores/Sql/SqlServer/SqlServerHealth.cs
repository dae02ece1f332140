namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Storage;

/// <summary>What the engine tells of the store's tables. Needs the permission VIEW DATABASE STATE, which the owner of a database has.</summary>
internal sealed class SqlServerHealth(SqlServerReaders readers, SqlServerStoreSettings settings, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Columns, headers and entries of three indexes for each event, before compression.</summary>
    private const long BytesBesideRecord = 170;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private double _fragmentation;
    private long? _readAt;

    public Task<IReadOnlyList<IndexSize>> ReadSizesAsync(CancellationToken cancellationToken) => readers.RunOnEngineAsync(
        (read, token) => read.RowsAsync(
            SqlServerAdminSql.Sizes,
            [],
            row => new IndexSize(row.GetString(0), row.IsDBNull(1) ? "" : row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)),
            token),
        Limit,
        cancellationToken);

    public async Task<StoreHealth> ReadAsync(IReadOnlyList<StoreDamage> damage, CancellationToken cancellationToken)
    {
        var sizes = await ReadSizesAsync(cancellationToken);
        var (version, events) = await readers.RunAsync(
            async (read, token) => (
                (await read.RowsAsync(SqlServerAdminSql.ReadVersion, [], row => row.GetInt32(0), token))[0],
                (await read.RowsAsync(SqlServerReadSql.Events, [], row => row.GetInt64(0), token))[0]),
            Limit,
            cancellationToken);
        return Of(sizes, version, events) with { FragmentationPercent = await ReadFragmentationAsync(cancellationToken), Damage = damage };
    }

    /// <summary>What the sizes tell.</summary>
    public static StoreHealth Of(IReadOnlyList<IndexSize> sizes, int schemaVersion, long events) => new()
    {
        SchemaVersion = schemaVersion,
        Bytes = sizes.Sum(size => size.ReservedBytes),
        Events = events,
        Parts = [.. sizes.Select(PartOf)],
        TableBloatPercent = UnusedPercent(sizes.Where(IsTable)),
        IndexBloatPercent = UnusedPercent(sizes.Where(size => !IsTable(size))),
    };

    /// <summary>
    /// About what events take on disk. The engine frees pages some time after their rows are gone, so its own sizes would not fall at
    /// once with what is removed.
    /// </summary>
    public static long BytesOf(long events, long recordBytes) => recordBytes + (events * BytesBesideRecord);

    private static bool IsTable(IndexSize size) => size.Number <= 1;

    private static StorePart PartOf(IndexSize size) => IsTable(size)
        ? new StorePart(size.Table, "table", size.ReservedBytes, size.Table == "Events" ? size.Rows : null)
        : new StorePart(size.Index, "index", size.ReservedBytes);

    // Pages that are set aside and hold nothing.
    private static double UnusedPercent(IEnumerable<IndexSize> sizes)
    {
        var (reserved, used) = sizes.Aggregate((Reserved: 0L, Used: 0L), (sum, size) => (sum.Reserved + size.ReservedBytes, sum.Used + size.UsedBytes));
        return reserved == 0 ? 0 : 100.0 * (reserved - used) / reserved;
    }

    public void Dispose() => _turn.Dispose();

    // Reading it takes time in proportion to the table: now and then is enough.
    private async Task<double> ReadFragmentationAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_readAt is { } readAt && clock.GetElapsedTime(readAt) < settings.PhysicalStatsAge)
                return _fragmentation;
            var indexes = await readers.RunOnEngineAsync(
                (read, token) => read.RowsAsync(
                    SqlServerAdminSql.PhysicalStats, [], row => (Percent: row.GetDouble(1), Pages: row.GetInt64(2)), token),
                Limit,
                cancellationToken);
            var pages = indexes.Sum(index => index.Pages);
            _fragmentation = pages == 0 ? 0 : indexes.Sum(index => index.Percent * index.Pages) / pages;
            _readAt = clock.GetTimestamp();
            return _fragmentation;
        }
        finally
        {
            _turn.Release();
        }
    }
}
