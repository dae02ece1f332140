namespace Akka.Ingest.Stores.Tests.Segmented;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Segmented.State;
using Akka.Ingest.Testing;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>What lies in the folder, and what becomes of it.</summary>
public sealed class SegmentedFolderTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SegmentedLogStore _store = null!;

    private string Folder => Path.Combine(_folder.Path, "store");

    public Task InitializeAsync() => OpenAsync();

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Anybody_opens_the_folder_with_DuckDB()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(2, [SpecEvent.Of("one", """{"n":1}""", Severity.Error, afterTicks: 1_234_567), SpecEvent.Of("two")], "key-1");
        await feeder.AppendAsync(2, [SpecEvent.Of("three", severity: Severity.Error)], "key-1", TestEvents.ReceivedAt.AddDays(1));
        await _store.MaintainAsync();

        var levels = Sql($"SELECT level || ' ' || count(*) FROM read_parquet('{Folder}/dt=*/*.parquet', hive_partitioning=true) GROUP BY level ORDER BY 1");
        var event1 = Sql($"SELECT dt::VARCHAR || ' ' || epoch_us(timestamp) || ' ' || timestamp_100ns || ' ' || message || ' ' || (properties::JSON->>'n') || ' ' || spool_id || ' ' || partition || ' ' || ordinal || ' ' || api_key_id FROM read_parquet('{Folder}/dt=*/*.parquet', hive_partitioning=true) WHERE message = 'one'");

        Assert.Equal(["Error 2", "Information 1"], levels);
        var microseconds = (TestEvents.ReceivedAt.Ticks + 1_234_567 - DateTime.UnixEpoch.Ticks) / 10;
        Assert.Equal([$"2026-11-24 {microseconds} 7 one 1 {feeder.SpoolId} 2 0 key-1"], event1);
    }

    [Fact]
    public void Of_the_scalars_that_are_not_ASCII_SQL_and_filter_make_ASCII_letters_of_those_the_conditions_know()
    {
        var inSql = Sql("SELECT printf('%x', i) FROM range(128, 1114112) t(i) WHERE NOT (i BETWEEN 55296 AND 57343) AND regexp_matches(upper(chr(i::INT)), '[\\x00-\\x7f]')");
        var inFilter = Enumerable.Range(128, 0x110000 - 128).Where(System.Text.Rune.IsValid)
            .Where(scalar => LogText.Fold(System.Text.Encoding.UTF8.GetBytes(new System.Text.Rune(scalar).ToString())).Any(value => value < 0x80))
            .Select(scalar => scalar.ToString("x"));

        Assert.Equal(["131", "17f"], inSql);
        Assert.Equal(["17f"], inFilter);
    }

    [Theory]
    [InlineData("ASIDE", 3)]
    [InlineData("\u017Fide", 3)]
    [InlineData("as\u0131de", 1)]
    [InlineData("AS%DE", 0)]
    public async Task Text_in_sealed_events_is_counted_in_SQL_as_the_filter_compares_it(string text, int expected)
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("put aside"), SpecEvent.Of("Aſide"), SpecEvent.Of("ASıDE"), SpecEvent.Of("b\u0000aside")]);
        await _store.MaintainAsync();

        var plan = StoreQueries.Plan(new LogQueryRequest { Text = text });

        Assert.Equal(expected, await _store.CountAsync(plan, CancellationToken.None));
        Assert.Equal(expected, (await _store.QueryAsync(plan, CancellationToken.None)).Events.Count);
    }

    [Fact]
    public async Task A_row_group_with_an_altered_byte_is_lost_alone_and_its_segment_is_set_aside()
    {
        var feeder = new StoreFeeder(_store);
        var fed = await feeder.AppendAsync(0, [.. Enumerable.Range(0, 30).Select(i => SpecEvent.Of($"event {i:D2}", afterTicks: i))], "key-1");
        await _store.MaintainAsync();
        var path = Directory.GetFiles(Folder, "*.parquet", SearchOption.AllDirectories).Single();
        await _store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.AsSpan().IndexOf("event 10"u8)] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        await OpenAsync();

        Assert.Equal(20, (await _store.PageAsync(new LogQueryRequest())).Events.Count);
        Assert.Null(await _store.FindAsync(fed[10].Id, CancellationToken.None));
        await _store.MaintainAsync();
        await ReopenAsync();

        Assert.Equal(fed.Where((_, i) => i is < 10 or >= 20).Select(item => item.Id), (await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Ascending })).Events.Select(item => item.Id));
        Assert.Equal(Path.GetFileName(path), Path.GetFileName(Directory.GetFiles(Path.Combine(Folder, "_quarantine")).Single()));
        var health = await _store.ReadHealthAsync(CancellationToken.None);
        Assert.Equal([new EventIdRange(feeder.SpoolId, 0, 10, 10)], health.Damage.Single().Events);
        Assert.Equal(20, health.Events);
        Assert.Equal(new StoredCounts(feeder.SpoolId, "key-1", 20, 0), Assert.Single(await _store.ReadCountsAsync(CancellationToken.None)));
        Assert.Equal(20, Sql($"SELECT message FROM read_parquet('{Folder}/dt=*/*.parquet')").Count);
    }

    [Fact]
    public async Task Small_segments_are_merged_and_their_files_go()
    {
        var feeder = new StoreFeeder(_store);
        for (var round = 0; round < 5; round++)
        {
            await feeder.AppendAsync(round % 2, [SpecEvent.Of($"{round}", afterTicks: -round)]);
            await _store.MaintainAsync();
        }

        Assert.InRange(Directory.GetFiles(Folder, "*.parquet", SearchOption.AllDirectories).Length, 1, 2);
        Assert.Empty(Directory.GetFiles(Folder, "*.frames"));
        Assert.Equal(["0", "1", "2", "3", "4"], (await _store.PageAsync(new LogQueryRequest())).Events.Select(item => Message(item)));
        Assert.Equal(feeder.Fed.Select(item => item.Id), (await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Received })).Events.Select(item => item.Id));
    }

    [Fact]
    public async Task A_day_that_expires_takes_its_folder_with_it()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("old")], "key-1");
        await feeder.AppendAsync(0, [SpecEvent.Of("new")], "key-1", TestEvents.ReceivedAt.AddDays(1));

        var expired = await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(TestEvents.ReceivedAt)), CancellationToken.None);

        Assert.Equal((1, true), (expired.Events, expired.IsComplete));
        Assert.Equal(["dt=2026-11-25"], Directory.GetDirectories(Folder).Select(Path.GetFileName));
        Assert.Equal(new StoredCounts(feeder.SpoolId, "key-1", 1, 1), Assert.Single(await _store.ReadCountsAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await _store.DisposeAsync();
        var manifest = ManifestFormat.Write(Manifest.Empty);
        manifest[0]++;
        TwinFile.Write(StoreFileSystem.Instance, Path.Combine(Folder, ManifestFile.Name), manifest);

        var refused = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreFailureKind.Permanent, refused.Failure.Kind);
        Assert.Contains("schema version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_stay_until_the_last_query_that_may_read_them_has_ended()
    {
        var leases = new ViewLeases();
        var isRemoved = false;
        var old = leases.Take(() => StoreView.Empty);
        leases.Retire(1, () => isRemoved = true);
        using (leases.Take(() => StoreView.Empty with { Removals = 1 }))
            Assert.False(isRemoved);

        old.Dispose();

        Assert.True(isRemoved);
    }

    private async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        await OpenAsync();
    }

    private Task OpenAsync()
    {
        _store = new SegmentedLogStore(
            new SegmentedStoreSettings(Folder) { MaintenanceInterval = Timeout.InfiniteTimeSpan, RowGroupRows = 10, CompressionLevel = -50, TargetRows = 1000, SqlRows = 0 },
            StoreFileSystem.Instance,
            TimeProvider.System,
            NullLogger<SegmentedLogStore>.Instance);
        return _store.InitializeAsync(CancellationToken.None);
    }

    private static string Message(StoredEvent stored) => System.Text.Encoding.UTF8.GetString(EventRecord.Read(stored.Record.Span)[EventField.Message]);

    private static List<string> Sql(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
