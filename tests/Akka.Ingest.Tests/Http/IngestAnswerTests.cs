namespace Akka.Ingest.Tests.Http;

using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

public sealed partial class IngestAnswerTests
{
    private const string Native = "/api/v1.0/logs";

    [Theory]
    [InlineData("""{"message":"a"}""", 1)]
    [InlineData("""[{"message":"a"},{"message":"b"}]""", 2)]
    [InlineData("{\"message\":\"a\"}\n{\"message\":\"b\"}\n{\"message\":\"c\"}\n", 3)]
    public async Task Native_events_are_answered_with_count_receipt_and_location(string body, int count)
    {
        await using var host = await IngestHost.StartAsync();

        using var response = await host.PostAsync(Native, body);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        var match = NativeAnswer().Match(text);
        Assert.True(match.Success, text);
        Assert.Equal(count.ToString(), match.Groups[1].Value);
        Assert.Equal($"/api/v1.0/receipts/{match.Groups[2].Value}", response.Headers.Location!.OriginalString);
        Assert.Equal(count, Assert.Single(host.Queue.Appends).Events);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/ndjson")]
    [InlineData("application/jsonl")]
    [InlineData(null)]
    public async Task Native_media_types_are_taken(string? contentType)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, """{"message":"a"}""", contentType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Clef_is_taken_natively_by_its_media_type()
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""", "application/vnd.serilog.clef");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Other_media_types_are_415_and_the_answer_names_those_that_are_taken(string contentType)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, """{"message":"a"}""", contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/x-ndjson", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Queue.Appends);
    }

    [Theory]
    [InlineData("/ingest/clef", "application/vnd.serilog.clef", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""")]
    [InlineData("/ingest/clef", null, """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""")]
    [InlineData("/api/events/raw?clef", "text/plain", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""")]
    [InlineData("/api/events/raw", "application/json", """{"Events":[{"Timestamp":"2026-11-24T08:00:00Z","Level":"Information","MessageTemplate":"a"}]}""")]
    public async Task Seq_paths_answer_201_and_the_exact_text(string path, string? contentType, string body)
    {
        await using var host = await IngestHost.StartAsync();

        using var response = await host.PostAsync(path, body, contentType);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("""{"MinimumLevelAccepted":null}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(1, Assert.Single(host.Queue.Appends).Events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\uFEFF")]
    public async Task An_empty_body_on_a_seq_path_is_a_success_that_stores_nothing(string body)
    {
        await using var host = await IngestHost.StartAsync(
            "ApiKeys:0:Id=app", "ApiKeys:0:Key=k1", "ApiKeys:0:MinimumLevel=Warning");

        using var response = await host.PostAsync("/ingest/clef", body, contentType: null, ("X-Seq-ApiKey", "k1"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("""{"MinimumLevelAccepted":"Warning"}""", await response.Content.ReadAsStringAsync());
        Assert.Empty(host.Queue.Appends);
    }

    [Fact]
    public async Task An_empty_native_body_is_400_no_content()
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, "");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("no-content", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_line_refuses_the_whole_native_request_and_is_named()
    {
        await using var host = await IngestHost.StartAsync();

        using var response = await host.PostAsync(Native, "{\"message\":\"a\"}\n{\"message\":\n", "application/x-ndjson");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var error = problem.RootElement.GetProperty("errors")[0];
        Assert.Equal(2, error.GetProperty("line").GetInt64());
        Assert.Equal("malformed-json", error.GetProperty("code").GetString());
        Assert.Empty(host.Queue.Appends);
    }

    [Fact]
    public async Task Invalid_deadletter_takes_the_good_and_counts_the_bad()
    {
        await using var host = await IngestHost.StartAsync();

        using var response = await host.PostAsync($"{Native}?invalid=deadletter", "{\"message\":\"a\"}\nnot json\n", "application/x-ndjson");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("""{"accepted":2,"deadLettered":1,"receipt":""", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(host.Queue.Appends).Rejected);
    }

    [Fact]
    public async Task Seq_paths_take_the_good_events_of_a_batch_with_a_bad_one()
    {
        await using var host = await IngestHost.StartAsync();

        using var response = await host.PostAsync("/ingest/clef", "{\"@t\":\"2026-11-24T08:00:00Z\",\"@m\":\"a\"}\nnot json\n");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var append = Assert.Single(host.Queue.Appends);
        Assert.Equal((2, 1), (append.Events, append.Rejected));
    }

    [Fact]
    public async Task An_unknown_way_to_treat_bad_events_is_400()
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync($"{Native}?invalid=drop", """{"message":"a"}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [GeneratedRegex("""^{"accepted":(\d+),"receipt":"([A-Za-z0-9_-]+)"}$""", RegexOptions.None, 1000)]
    private static partial Regex NativeAnswer();
}
