namespace Akka.Ingest.Tests.Operations;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Storage;
using Akka.Ingest.Tests.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class OperationsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Ready_says_yes_when_every_part_answers()
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"status":"ready","checks":{"process":"ok","lease":"ok","journal":"ok","store":"ok","queue":"ok"}}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ready_is_503_and_names_the_store_that_does_not_answer_and_recovers()
    {
        await using var host = await IngestHost.StartAsync(_time);
        host.Store.Failure = new StoreFailure(StoreFailureKind.Transient, "sqlite:14", "cannot open", "SqliteException");
        using var down = await host.Client.GetAsync("/health/ready");
        host.Store.Failure = null;
        _time.Advance(TimeSpan.FromSeconds(2));
        using var up = await host.Client.GetAsync("/health/ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (down.StatusCode, up.StatusCode));
        Assert.Contains("\"store\":\"The store does not answer (sqlite:14).\"", await down.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_is_503_when_the_spool_does_not_answer()
    {
        await using var host = await IngestHost.StartAsync(_time);
        host.Queue.StatusFailure = new TimeoutException();
        using var response = await host.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("\"journal\":\"The spool does not answer (TimeoutException).\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_is_503_while_the_queue_is_full()
    {
        await using var host = await IngestHost.StartAsync(_time, "Storage:IngestionPipeline:QueueCapacity=2");
        using var posted = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"}]""");
        using var response = await host.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("QueueCapacity", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipeline_diagnostics_show_each_partition()
    {
        await using var host = await IngestHost.StartAsync(_time);
        using var posted = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"}]""");
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/api/v1.0/diagnostics/pipeline"));
        var partition = document.RootElement.GetProperty("partitions")[0];
        Assert.Equal(2, partition.GetProperty("backlog").GetInt64());
        Assert.Equal(2, partition.GetProperty("journal").GetProperty("ordinal").GetInt64());
    }

    [Fact]
    public async Task Configuration_diagnostics_show_no_secret_and_no_place()
    {
        await using var host = await IngestHost.StartAsync("ApiKeys:0:Id=app", "ApiKeys:0:Key=s3cret", "ApiKeys:0:Scopes:0=admin", "Storage:ConnectionString=Password=pw1");
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", "s3cret");

        var text = await host.Client.GetStringAsync("/api/v1.0/diagnostics/configuration");

        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pw1", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), text, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(text);
        Assert.Equal(5_000_000, document.RootElement.GetProperty("Storage").GetProperty("IngestionPipeline").GetProperty("QueueCapacity").GetInt64());
        Assert.Equal("SingleNode", document.RootElement.GetProperty("Storage").GetProperty("Deployment").GetProperty("Profile").GetString());
    }

    [Fact]
    public async Task The_openapi_document_describes_every_call()
    {
        await using var host = await IngestHost.StartAsync();
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/openapi/v1.json"));
        var described = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet(StringComparer.Ordinal);

        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/')).Where(path => path != "/test/read").Distinct();

        Assert.DoesNotContain(mapped, path => !described.Contains(path));
    }

    [Fact]
    public async Task The_root_says_what_this_is()
    {
        await using var host = await IngestHost.StartAsync();
        Assert.StartsWith("""{"service":"Akka.Ingest","version":""", await host.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
