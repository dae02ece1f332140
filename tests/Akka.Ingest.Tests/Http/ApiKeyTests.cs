namespace Akka.Ingest.Tests.Http;

using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class ApiKeyTests
{
    private const string Native = "/api/v1.0/logs";
    private const string Body = """{"message":"a"}""";
    private static readonly string[] OneKey = ["ApiKeys:0:Id=app", "ApiKeys:0:Key=s3cret"];

    public static TheoryData<string, string> Forms => new()
    {
        { "X-Api-Key", "s3cret" },
        { "X-Seq-ApiKey", "s3cret" },
        { "Authorization", "Bearer s3cret" },
        { "Authorization", "bearer s3cret" },
        { "Authorization", "ApiKey s3cret" },
        { "Authorization", "ApiKey " + Base64("some-id:s3cret") },
        { "Authorization", "Splunk s3cret" },
        { "Authorization", "Basic " + Base64("anyone:s3cret") },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_way_to_send_a_key_works(string header, string value)
    {
        await using var host = await IngestHost.StartAsync(OneKey);
        using var response = await host.PostAsync(Native, Body, headers: (header, value));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("app", Assert.Single(host.Queue.Appends).ApiKeyId);
    }

    [Fact]
    public async Task A_key_in_the_query_works_beside_the_header_text_null()
    {
        await using var host = await IngestHost.StartAsync(OneKey);
        using var response = await host.PostAsync("/ingest/clef?apiKey=s3cret", Body, headers: ("X-Seq-ApiKey", "null"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task A_key_given_as_its_hash_works()
    {
        var hash = Convert.ToHexString(SHA256.HashData("s3cret"u8));
        await using var host = await IngestHost.StartAsync("ApiKeys:0:Id=app", $"ApiKeys:0:KeyHash={hash}");
        using var response = await host.PostAsync(Native, Body, headers: ("X-Api-Key", "s3cret"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("s3cre")]
    [InlineData("s3cret2")]
    public async Task No_key_and_an_unknown_key_are_401(string? key)
    {
        await using var host = await IngestHost.StartAsync(OneKey);

        using var response = await host.PostAsync(Native, Body, headers: key is null ? [] : [("X-Api-Key", key)]);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.StartsWith("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Empty(host.Queue.Appends);
    }

    [Theory]
    [InlineData("ingest", 200, 403, 403)]
    [InlineData("read", 403, 200, 403)]
    [InlineData("admin", 403, 403, 200)]
    public async Task A_key_does_what_its_scopes_say_and_no_more(string scope, int ingest, int read, int diagnostics)
    {
        await using var host = await IngestHost.StartAsync([.. OneKey, $"ApiKeys:0:Scopes:0={scope}"]);
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", "s3cret");

        using var posted = await host.PostAsync(Native, Body);
        using var receipt = await host.Client.GetAsync("/api/v1.0/receipts/unknown");
        using var pipeline = await host.Client.GetAsync("/api/v1.0/diagnostics/pipeline");
        using var grouped = await host.Client.GetAsync("/test/read");
        using var metrics = await host.Client.GetAsync("/metrics");
        using var about = await host.Client.GetAsync("/");

        Assert.Equal(ingest, (int)posted.StatusCode);
        Assert.Equal(ingest == 200 ? 404 : 403, (int)receipt.StatusCode);
        Assert.Equal(read, (int)grouped.StatusCode);
        Assert.Equal(diagnostics, (int)pipeline.StatusCode);
        Assert.Equal(diagnostics, (int)metrics.StatusCode);
        Assert.Equal(200, (int)about.StatusCode);
    }

    [Fact]
    public async Task Once_a_key_is_set_everything_but_health_needs_one()
    {
        await using var host = await IngestHost.StartAsync(OneKey);
        foreach (var path in new[] { "/", "/metrics", "/api/v1.0/diagnostics/pipeline", "/api/v1.0/receipts/x", "/openapi/v1.json" })
        {
            using var response = await host.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using var live = await host.Client.GetAsync("/health/live");
        using var ready = await host.Client.GetAsync("/health/ready");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live.StatusCode, ready.StatusCode));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    public async Task Without_keys_a_forwarded_request_is_not_local(string header, string value)
    {
        await using var host = await IngestHost.StartAsync();
        using var local = await host.PostAsync(Native, Body);
        using var forwarded = await host.PostAsync(Native, Body, headers: (header, value));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (local.StatusCode, forwarded.StatusCode));
    }

    [Fact]
    public async Task Keys_change_without_a_restart_and_a_mistake_leaves_them_as_they_were()
    {
        await using var host = await IngestHost.StartAsync(OneKey);
        using var before = await host.PostAsync(Native, Body, headers: ("X-Api-Key", "s3cret"));

        host.Configuration["ApiKeys:0:Key"] = "changed";
        host.Configuration.Reload();
        using var old = await host.PostAsync(Native, Body, headers: ("X-Api-Key", "s3cret"));
        using var changed = await host.PostAsync(Native, Body, headers: ("X-Api-Key", "changed"));

        host.Configuration["ApiKeys:0:MinimumLevel"] = "Loud";
        host.Configuration.Reload();
        using var still = await host.PostAsync(Native, Body, headers: ("X-Api-Key", "changed"));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK],
            new[] { before, old, changed, still }.Select(response => response.StatusCode));
    }

    [Fact]
    public async Task Requests_over_the_limit_are_429_natively_and_503_for_seq_and_name_limit_and_reset()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 45, TimeSpan.Zero));
        await using var host = await IngestHost.StartAsync(time, [.. OneKey, "Storage:IngestionPipeline:MaxRequestsPerMinutePerApiKey=2"]);
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", "s3cret");
        using var one = await host.PostAsync(Native, Body);
        using var two = await host.PostAsync(Native, Body);

        using var native = await host.PostAsync(Native, Body);
        using var seq = await host.PostAsync("/ingest/clef", Body);
        time.Advance(TimeSpan.FromSeconds(15));
        using var next = await host.PostAsync(Native, Body);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (one.StatusCode, two.StatusCode, next.StatusCode));
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable), (native.StatusCode, seq.StatusCode));
        Assert.Equal("15", native.Headers.RetryAfter!.ToString());
        Assert.Equal("15", seq.Headers.RetryAfter!.ToString());
        Assert.Equal("\"requests-per-minute\";q=2;w=60", native.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("\"requests-per-minute\";r=0;t=15", native.Headers.GetValues("RateLimit").Single());
        Assert.Contains("""
            "limit":{"name":"requests-per-minute","quota":2,"windowSeconds":60,"resetSeconds":15}
            """.Trim(), await native.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
