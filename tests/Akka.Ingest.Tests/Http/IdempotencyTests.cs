namespace Akka.Ingest.Tests.Http;

using System.IO.Compression;
using System.Net;
using System.Text;
using Akka.Ingest.Model;
using Xunit;

public sealed class IdempotencyTests
{
    private const string Native = "/api/v1.0/logs";
    private const string Body = """{"message":"a"}""";

    [Theory]
    [InlineData("\"order-1\"", "\"order-1\"")]
    [InlineData("\"order-1\"", "order-1")]
    public async Task A_repeat_answers_as_the_first_did_and_stores_nothing(string first, string second)
    {
        await using var host = await IngestHost.StartAsync();

        using var original = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", first));
        using var repeat = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", second));

        Assert.Equal(HttpStatusCode.OK, repeat.StatusCode);
        Assert.Equal(await original.Content.ReadAsStringAsync(), await repeat.Content.ReadAsStringAsync());
        Assert.Equal(original.Headers.Location, repeat.Headers.Location);
        Assert.False(original.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", Assert.Single(repeat.Headers.GetValues("Idempotency-Replayed")));
        Assert.Single(host.Queue.Appends);
    }

    [Fact]
    public async Task A_repeat_on_a_seq_path_answers_as_seq_does()
    {
        await using var host = await IngestHost.StartAsync();
        using var original = await host.PostAsync("/ingest/clef", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""", null, ("Idempotency-Key", "k"));
        using var repeat = await host.PostAsync("/ingest/clef", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""", null, ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
        Assert.Equal("true", Assert.Single(repeat.Headers.GetValues("Idempotency-Replayed")));
        Assert.Single(host.Queue.Appends);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_422()
    {
        await using var host = await IngestHost.StartAsync();
        using var original = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", "k"));
        using var other = await host.PostAsync(Native, """{"message":"b"}""", headers: ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Single(host.Queue.Appends);
    }

    [Fact]
    public async Task Bodies_are_compared_decoded()
    {
        await using var host = await IngestHost.StartAsync();
        var target = new MemoryStream();
        await using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Body));

        using var plain = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", "k"));
        using var compressed = await host.PostAsync(Native, target.ToArray(), "application/json", ("Idempotency-Key", "k"), ("Content-Encoding", "gzip"));

        Assert.Equal(HttpStatusCode.OK, compressed.StatusCode);
        Assert.Single(host.Queue.Appends);
    }

    [Fact]
    public async Task Keys_are_scoped_to_api_key_and_path()
    {
        await using var host = await IngestHost.StartAsync(
            "ApiKeys:0:Id=one", "ApiKeys:0:Key=k1", "ApiKeys:1:Id=two", "ApiKeys:1:Key=k2");

        using var one = await host.PostAsync(Native, Body, null, ("Idempotency-Key", "k"), ("X-Api-Key", "k1"));
        using var two = await host.PostAsync(Native, Body, null, ("Idempotency-Key", "k"), ("X-Api-Key", "k2"));
        using var path = await host.PostAsync("/ingest/clef", Body, null, ("Idempotency-Key", "k"), ("X-Api-Key", "k1"));

        Assert.Equal(3, host.Queue.Appends.Count);
        Assert.All(new[] { one, two, path }, response => Assert.False(response.Headers.Contains("Idempotency-Replayed")));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"unfinished")]
    [InlineData("long")]
    public async Task A_malformed_key_is_400(string key)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", key == "long" ? new string('k', 256) : key));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(host.Queue.Appends);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_taken()
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, Body, headers: ("Idempotency-Key", new string('k', 255)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_repeat_is_answered_before_rate_limit_and_queue_are_asked()
    {
        await using var host = await IngestHost.StartAsync("ApiKeys:0:Id=one", "ApiKeys:0:Key=k1", "ApiKeys:0:MaxRequestsPerMinute=1");
        using var original = await host.PostAsync(Native, Body, null, ("Idempotency-Key", "k"), ("X-Api-Key", "k1"));
        host.Queue.Refuse = new IngestError(IngestErrorKind.QueueFull, "full");

        using var repeat = await host.PostAsync(Native, Body, null, ("Idempotency-Key", "k"), ("X-Api-Key", "k1"));

        Assert.Equal(HttpStatusCode.OK, original.StatusCode);
        Assert.Equal(HttpStatusCode.OK, repeat.StatusCode);
    }
}
