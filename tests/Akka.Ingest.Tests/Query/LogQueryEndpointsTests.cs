namespace Akka.Ingest.Tests.Query;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores;
using Akka.Ingest.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

public sealed class LogQueryEndpointsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("akka-ingest-").FullName;
    private WebApplication _app = null!;
    private HttpClient _client = null!;
    private StoreFeeder _feeder = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection([new("Storage:Path", _folder)]);
        builder.Services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        builder.Services.AddLogStores();
        _app = builder.Build();
        _app.MapLogQueries();
        var store = _app.Services.GetRequiredService<ILogStore>();
        await store.InitializeAsync(CancellationToken.None);
        await _app.StartAsync();
        _client = _app.GetTestClient();
        _feeder = new StoreFeeder(store);
        await _feeder.AppendAsync(0,
        [
            .. Enumerable.Range(0, 10).Select(i => SpecEvent.Of($"event {i}", $$"""{"n":{{i}},"text":"größe \u0000 1.50"}""", (Severity)(i % 6), afterTicks: i * TimeSpan.TicksPerSecond)),
        ], "key-1");
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_store_lies_in_the_configured_folder()
    {
        await Task.CompletedTask;
        Assert.True(File.Exists(Path.Combine(_folder, "store", "events.db")));
    }

    [Fact]
    public async Task Pages_follow_each_other_by_cursor_and_explain_themselves()
    {
        var first = await GetAsync("/api/v1.0/logs?limit=6&minLevel=debug&text=EVENT&filter=properties.n%20%3E%3D%200");
        var second = await GetAsync($"/api/v1.0/logs?limit=6&minLevel=debug&text=EVENT&filter=properties.n%20%3E%3D%200&cursor={first.GetProperty("nextCursor").GetString()}");

        Assert.Equal(["event 9", "event 8", "event 7", "event 5", "event 4", "event 3", "event 2", "event 1"], Messages(first).Concat(Messages(second)));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        var plan = first.GetProperty("plan");
        Assert.Equal("Sqlite", plan.GetProperty("provider").GetString());
        Assert.Equal("properties.n >= 0 and text like '%EVENT%'", plan.GetProperty("filter").GetString());
        Assert.Equal(5, plan.GetProperty("levels").GetArrayLength());
    }

    [Fact]
    public async Task An_event_comes_back_with_its_bytes_and_what_the_service_added()
    {
        var id = _feeder.Fed[1].Id.ToString();
        var text = await _client.GetStringAsync($"/api/v1.0/logs/{id}");

        Assert.Equal(
            $$"""{"id":"{{id}}","timestamp":"2026-11-24T08:00:01.0000000Z","level":"Debug","message":"event 1","properties":{"n":1,"text":"größe \u0000 1.50"},"receivedAt":"2026-11-24T08:00:00.0000000Z","apiKeyId":"key-1"}""",
            text);
    }

    [Theory]
    [InlineData("no-id")]
    [InlineData("04cgpd5iprmu0oa6j0c7k8u0k5i8000000000000")]
    public async Task An_event_that_is_not_there_is_404(string id)
    {
        var response = await _client.GetAsync($"/api/v1.0/logs/{id}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Counts_and_histograms_take_the_same_filters()
    {
        Assert.Equal(2, (await GetAsync("/api/v1.0/logs/count?level=error&level=Critical&to=2026-11-24T08:00:09Z")).GetProperty("count").GetInt32());
        var histogram = await GetAsync("/api/v1.0/logs/histogram?buckets=2&from=2026-11-24T08:00:00Z&to=2026-11-24T08:00:10Z");
        var buckets = histogram.GetProperty("buckets").EnumerateArray().ToArray();

        Assert.Equal([5, 5], buckets.Select(bucket => bucket.GetProperty("total").GetInt32()));
        Assert.Equal("2026-11-24T08:00:05.0000000Z", buckets[1].GetProperty("from").GetString());
        Assert.Equal(1, buckets[0].GetProperty("levels").GetProperty("Error").GetInt32());
        Assert.Equal(60, (await GetAsync("/api/v1.0/logs/histogram")).GetProperty("buckets").GetArrayLength());
    }

    [Fact]
    public async Task A_follower_continues_after_an_id()
    {
        var page = await GetAsync($"/api/v1.0/logs?order=received&after={_feeder.Fed[7].Id}");

        Assert.Equal(["event 8", "event 9"], Messages(page));
        Assert.Equal(JsonValueKind.String, page.GetProperty("followCursor").ValueKind);
    }

    [Theory]
    [InlineData("filter=level%20%3D%20loud", "filter", 8)]
    [InlineData("limit=0", "limit", null)]
    [InlineData("from=yesterday", "from", null)]
    [InlineData("level=loud", "level", null)]
    [InlineData("minLevel=loud", "minLevel", null)]
    [InlineData("order=up", "order", null)]
    [InlineData("cursor=x", "cursor", null)]
    [InlineData("after=x&order=received", "after", null)]
    [InlineData("text=a&text=b", "text", null)]
    public async Task A_mistake_is_400_and_names_its_parameter(string query, string parameter, int? position)
    {
        foreach (var path in new[] { "", "/count", "/histogram" })
        {
            var response = await _client.GetAsync($"/api/v1.0/logs{path}?{query}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
            Assert.Equal(position, problem.TryGetProperty("position", out var at) ? at.GetInt32() : null);
            Assert.Equal(position is not null, problem.TryGetProperty("expected", out _));
        }
    }

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _client.GetStringAsync(path)).RootElement;

    private static IEnumerable<string?> Messages(JsonElement page) =>
        page.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("message").GetString());
}
