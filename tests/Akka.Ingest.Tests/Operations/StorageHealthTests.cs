namespace Akka.Ingest.Tests.Operations;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Akka.Ingest.Testing;
using Akka.Ingest.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class StorageHealthTests
{
    private const string Path = "/api/v1.0/diagnostics/storage-health";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Health_shows_store_queue_latency_and_disk()
    {
        await using var host = await IngestHost.StartAsync(_time);
        host.Store.Health = new StoreHealth
        {
            SchemaVersion = 2,
            Bytes = 12_345,
            Events = 67,
            Parts = [new StorePart("events.db", "database", 12_000, 67), new StorePart("events.db-wal", "log", 345)],
            FragmentationPercent = 12.34567,
            Damage = [new StoreDamage("Events, arrival 7", "made up", [new EventIdRange(FakeIngestionQueue.SpoolId, 1, 40, 3)])],
        };
        using var posted = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"}]""");
        _time.Advance(TimeSpan.FromSeconds(4));
        host.Services.GetRequiredService<StoreMetrics>().Written(TimeSpan.FromMilliseconds(10), null);
        host.Services.GetRequiredService<StoreMetrics>().Written(TimeSpan.FromSeconds(10), "sqlite:5");

        var root = await GetAsync(host);

        Assert.Equal("Fake", root.GetProperty("provider").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("problem").ValueKind);
        Assert.Equal((2, 12_345, 67), (root.GetProperty("schemaVersion").GetInt32(), root.GetProperty("bytes").GetInt64(), root.GetProperty("events").GetInt64()));
        Assert.Equal(12.346, root.GetProperty("fragmentationPercent").GetDouble());
        Assert.Equal(2, root.GetProperty("parts").GetProperty("count").GetInt32());
        Assert.Equal(1, root.GetProperty("parts").GetProperty("byKind").GetProperty("log").GetInt32());
        Assert.Equal(3, root.GetProperty("damage").GetProperty("events").GetInt64());
        Assert.Equal(40, root.GetProperty("damage").GetProperty("items")[0].GetProperty("events")[0].GetProperty("firstOrdinal").GetInt64());
        Assert.Equal((2, 4.0), (root.GetProperty("queue").GetProperty("depth").GetInt64(), root.GetProperty("queue").GetProperty("oldestAgeSeconds").GetDouble()));
        Assert.Equal(1, root.GetProperty("writeLatency").GetProperty("count").GetInt64());
        Assert.InRange(root.GetProperty("writeLatency").GetProperty("p99Ms").GetDouble(), 9, 11);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("queryLatency").GetProperty("p50Ms").ValueKind);
        Assert.True(root.GetProperty("disk").GetProperty("freeBytes").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("disk").GetProperty("secondsUntilDiskFull").ValueKind);
    }

    [Fact]
    public async Task Health_without_a_store_still_tells_the_rest()
    {
        await using var host = await IngestHost.StartAsync();
        host.Store.Failure = new StoreFailure(StoreFailureKind.Transient, "sqlite:14", "cannot open", "SqliteException");

        var root = await GetAsync(host);

        Assert.Equal("The store does not answer (sqlite:14).", root.GetProperty("problem").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("bytes").ValueKind);
        Assert.Equal(0, root.GetProperty("queue").GetProperty("depth").GetInt64());
        Assert.True(root.GetProperty("disk").GetProperty("totalBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task Indexes_are_listed_with_what_they_serve_and_take()
    {
        await using var host = await IngestHost.StartAsync();
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/api/v1.0/diagnostics/indexes"));
        var indexes = document.RootElement.GetProperty("indexes");
        Assert.Equal("Events_Time", indexes[0].GetProperty("name").GetString());
        Assert.Equal(["timestamp", "id"], indexes[0].GetProperty("columns").EnumerateArray().Select(column => column.GetString()));
        Assert.Equal(4_096, indexes[0].GetProperty("sizeBytes").GetInt64());
        Assert.Equal(JsonValueKind.Null, indexes[1].GetProperty("sizeBytes").ValueKind);
    }

    [Fact]
    public async Task A_measured_store_times_writes_and_queries_and_passes_everything_on()
    {
        await using var host = await IngestHost.StartAsync(_time);
        var metrics = host.Services.GetRequiredService<StoreMetrics>();
        await using var inner = new FaultyLogStore(new InMemoryLogStore());
        await using var store = new MeasuredLogStore(inner, metrics, _time);
        inner.BeforeAppend = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        var feeder = new StoreFeeder(store);
        var batch = feeder.Batch(0, [SpecEvent.Of("a")]);

        Assert.IsType<StoreAppendResult.Appended>(await store.AppendAsync(batch, CancellationToken.None));
        Assert.IsType<StoreAppendResult.OffsetMismatch>(await store.AppendAsync(batch, CancellationToken.None));
        Assert.NotNull(await store.FindAsync(new EventId(feeder.SpoolId, 0, 0), CancellationToken.None));
        await Assert.ThrowsAsync<NotSupportedException>(() => store.CountAsync(new LogQueryPlan(), CancellationToken.None));

        Assert.Equal((1, 1), (metrics.Writes.Count, metrics.Queries.Count));
        Assert.InRange(metrics.Writes.P50.TotalMilliseconds, 94, 107);
        Assert.Equal(batch.Next, await store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        Assert.Equal("InMemory", store.Provider);
    }

    [Theory]
    [InlineData("storage-health")]
    [InlineData("indexes")]
    [InlineData("ledger")]
    [InlineData("retention")]
    public async Task Diagnostics_of_the_store_need_the_scope_admin(string page)
    {
        await using var host = await IngestHost.StartAsync("ApiKeys:0:Id=app", "ApiKeys:0:Key=key", "ApiKeys:0:Scopes:0=read");
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", "key");
        using var response = await host.Client.GetAsync("/api/v1.0/diagnostics/" + page);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static async Task<JsonElement> GetAsync(IngestHost host)
    {
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync(Path));
        return document.RootElement.Clone();
    }
}
