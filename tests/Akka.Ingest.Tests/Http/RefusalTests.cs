namespace Akka.Ingest.Tests.Http;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Http;
using Akka.Ingest.Model;
using Xunit;

public sealed class RefusalTests
{
    public static TheoryData<IngestErrorKind, int, int> Table => new()
    {
        { IngestErrorKind.InvalidContent, 400, 400 },
        { IngestErrorKind.TooLarge, 413, 413 },
        { IngestErrorKind.UnsupportedMedia, 415, 415 },
        { IngestErrorKind.Unauthenticated, 401, 401 },
        { IngestErrorKind.Forbidden, 403, 403 },
        { IngestErrorKind.IdempotencyConflict, 422, 422 },
        { IngestErrorKind.RateLimited, 429, 503 },
        { IngestErrorKind.QuotaExceeded, 429, 503 },
        { IngestErrorKind.QueueFull, 503, 503 },
        { IngestErrorKind.JournalUnavailable, 503, 503 },
        { IngestErrorKind.OutcomeUnknown, 503, 503 },
        { IngestErrorKind.DiskReserveReached, 503, 503 },
        { IngestErrorKind.Stopping, 503, 503 },
        { IngestErrorKind.Overloaded, 503, 503 },
    };

    [Fact]
    public void Every_kind_of_error_stands_in_the_table_with_a_type_of_its_own()
    {
        Assert.Equal(Enum.GetValues<IngestErrorKind>(), Refusals.All.Select(row => row.Kind).Order());
        Assert.Equal(Refusals.All.Count, Refusals.All.Select(row => row.Type).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task A_refusal_of_the_spool_reaches_the_client_in_its_own_language(IngestErrorKind kind, int native, int seq)
    {
        await using var host = await IngestHost.StartAsync();
        host.Queue.Refuse = new IngestError(kind, "made \"up\"", kind == IngestErrorKind.QueueFull ? TimeSpan.FromSeconds(6.2) : null);

        using var problem = await host.PostAsync("/api/v1.0/logs", """{"message":"a"}""");
        using var error = await host.PostAsync("/ingest/clef", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""");

        Assert.Equal(native, (int)problem.StatusCode);
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType!.ToString());
        using var body = JsonDocument.Parse(await problem.Content.ReadAsStringAsync());
        Assert.StartsWith("urn:akka-ingest:problem:", body.RootElement.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("", body.RootElement.GetProperty("title").GetString());
        Assert.Equal(native, body.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("made \"up\"", body.RootElement.GetProperty("detail").GetString());
        Assert.NotEqual("", body.RootElement.GetProperty("traceId").GetString());
        Assert.Equal(native is 429 or 503, problem.Headers.RetryAfter is not null);

        Assert.Equal(seq, (int)error.StatusCode);
        Assert.Equal("application/json", error.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"Error":"made \"up\""}""", await error.Content.ReadAsStringAsync());
        Assert.Equal(seq is 503, error.Headers.RetryAfter is not null);
        if (kind == IngestErrorKind.QueueFull)
            Assert.Equal("7", problem.Headers.RetryAfter!.ToString());
    }

    [Fact]
    public async Task An_unknown_outcome_has_a_problem_type_that_says_so()
    {
        await using var host = await IngestHost.StartAsync();
        host.Queue.Refuse = new IngestError(IngestErrorKind.OutcomeUnknown, "lost");
        using var response = await host.PostAsync("/api/v1.0/logs", """{"message":"a"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("outcome-unknown\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_gives_its_memory_back()
    {
        await using var host = await IngestHost.StartAsync();
        host.Queue.Refuse = new IngestError(IngestErrorKind.QueueFull, "full");
        using var response = await host.PostAsync("/api/v1.0/logs", """{"message":"a"}""");
        Assert.Equal(0, host.Budget.UsedBytes);
    }
}
