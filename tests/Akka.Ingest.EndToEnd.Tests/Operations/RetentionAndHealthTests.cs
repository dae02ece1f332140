namespace Akka.Ingest.EndToEnd.Tests.Operations;

using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>What an operator sees and does while the real process runs.</summary>
public sealed class RetentionAndHealthTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int MaxSizeBytes = 2 * 1024 * 1024;
    private const int Batches = 12;
    private const int BatchEvents = 1_000;
    private const string Diagnostics = "/api/v1.0/diagnostics/";

    [Fact]
    public async Task Retention_by_size_removes_the_oldest_and_the_ledger_and_receipts_know_it_after_a_kill()
    {
        var server = await StartServerAsync(new ServerSettings
        {
            ["Storage__Retention__Enabled"] = "true",
            ["Storage__Retention__MaxSizeBytes"] = MaxSizeBytes.ToString(CultureInfo.InvariantCulture),
            ["Storage__IngestionPipeline__Partitions"] = "1",
        });
        var receipts = await SendAsync(server);
        await WaitStoredAsync(server);
        Assert.Equal(Batches * BatchEvents, await CountAsync(server));
        var planned = (await GetAsync(server, Diagnostics + "retention")).GetProperty("remove");
        Assert.NotEqual(0, planned.GetArrayLength());

        using var answer = await server.Http.PostAsJsonAsync(Diagnostics + "retention/run", new { dryRun = false });
        using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
        var run = document.RootElement;
        Output.WriteLine(run.ToString());

        Assert.Equal("done", run.GetProperty("state").GetString());
        var expired = run.GetProperty("events").GetInt64();
        Assert.InRange(expired, 1, (Batches * BatchEvents) - 1);
        await server.KillAsync();
        await server.StartReadyAsync();
        Assert.Equal((Batches * BatchEvents) - expired, await CountAsync(server));
        Assert.Equal(expired, await FirstNumberAsync(server));
        Assert.Equal("expired", await StateAsync(server, receipts[0]));
        Assert.Equal("stored", await StateAsync(server, receipts[^1]));
        var total = (await GetAsync(server, Diagnostics + "ledger")).GetProperty("total");
        Assert.Equal(
            (Batches * BatchEvents, expired, true),
            (total.GetProperty("accepted").GetInt32(), total.GetProperty("expired").GetInt64(), total.GetProperty("balanced").GetBoolean()));
        var held = (await GetAsync(server, Diagnostics + "retention")).GetProperty("held").GetProperty("bytes").GetInt64();
        Assert.InRange(held, 1, MaxSizeBytes * 11 / 10);
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        Assert.InRange(new FileInfo(Path.Combine(Folder.Data, "store", "events.db")).Length, 1, MaxSizeBytes * 5 / 4);
    }

    [Fact]
    public async Task Storage_health_tells_sizes_latencies_and_the_queue()
    {
        var server = await StartServerAsync();
        await SendAsync(server);
        await WaitStoredAsync(server);
        await CountAsync(server);

        var health = await GetAsync(server, Diagnostics + "storage-health");

        Output.WriteLine(health.ToString());
        Assert.Equal("Sqlite", health.GetProperty("provider").GetString());
        Assert.Equal(Batches * BatchEvents, health.GetProperty("events").GetInt64());
        Assert.True(health.GetProperty("bytes").GetInt64() > Batches * BatchEvents * 100);
        Assert.True(health.GetProperty("schemaVersion").GetInt32() >= 2);
        Assert.True(health.GetProperty("writeLatency").GetProperty("p50Ms").GetDouble() > 0);
        Assert.True(health.GetProperty("queryLatency").GetProperty("count").GetInt64() >= 1);
        Assert.Equal(0, health.GetProperty("queue").GetProperty("depth").GetInt64());
        Assert.Equal(0, health.GetProperty("damage").GetProperty("count").GetInt64());
        Assert.True(health.GetProperty("disk").GetProperty("freeBytes").GetInt64() > 0);
        var metrics = await server.Http.GetStringAsync("/metrics");
        Assert.Contains("akka_ingest_store_write_duration_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.Contains("akka_ingest_store_size_bytes", metrics, StringComparison.Ordinal);
    }

    private static async Task<List<string>> SendAsync(ServerProcess server)
    {
        var receipts = new List<string>();
        for (var batch = 0; batch < Batches; batch++)
        {
            var body = new StringBuilder();
            for (var i = 0; i < BatchEvents; i++)
                body.Append(CultureInfo.InvariantCulture, $"{{\"message\":\"{new string('m', 400)}\",\"properties\":{{\"n\":{(batch * BatchEvents) + i}}}}}\n");
            using var content = new StringContent(body.ToString(), Encoding.UTF8, "application/x-ndjson");
            using var answer = await server.Http.PostAsync("/api/v1.0/logs", content);
            answer.EnsureSuccessStatusCode();
            using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
            receipts.Add(document.RootElement.GetProperty("receipt").GetString()!);
        }

        return receipts;
    }

    private static async Task WaitStoredAsync(ServerProcess server)
    {
        while (await CountAsync(server) < Batches * BatchEvents)
            await Task.Delay(25);

        // The queue is told with the pipeline, which is asked once a second.
        while ((await GetAsync(server, Diagnostics + "pipeline")).GetProperty("partitions").EnumerateArray().Sum(partition => partition.GetProperty("backlog").GetInt64()) > 0)
            await Task.Delay(25);
    }

    private static async Task<long> CountAsync(ServerProcess server) => (await GetAsync(server, "/api/v1.0/logs/count")).GetProperty("count").GetInt64();

    private static async Task<long> FirstNumberAsync(ServerProcess server) =>
        (await GetAsync(server, "/api/v1.0/logs?order=received&limit=1")).GetProperty("events")[0].GetProperty("properties").GetProperty("n").GetInt64();

    private static async Task<string?> StateAsync(ServerProcess server, string receipt) =>
        (await GetAsync(server, "/api/v1.0/receipts/" + receipt)).GetProperty("state").GetString();

    private static async Task<JsonElement> GetAsync(ServerProcess server, string path)
    {
        using var document = JsonDocument.Parse(await server.Http.GetStringAsync(path));
        return document.RootElement.Clone();
    }
}
