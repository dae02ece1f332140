namespace Akka.Ingest.Tests.Operations;

using Akka.Ingest.Model;
using Akka.Ingest.Tests.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

/// <summary>Alone: a meter's listeners hear every host of the process.</summary>
[CollectionDefinition(nameof(MetricsTests), DisableParallelization = true)]
[Collection(nameof(MetricsTests))]
public sealed class MetricsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Metrics_show_requests_events_refusals_and_the_backlog()
    {
        await using var host = await IngestHost.StartAsync(_time);
        using var posted = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"}]""");
        host.Queue.Refuse = new IngestError(IngestErrorKind.QueueFull, "full");
        using var refused = await host.PostAsync("/ingest/clef", """{"@t":"2026-11-24T08:00:00Z","@m":"a"}""");
        _time.Advance(TimeSpan.FromSeconds(3));
        using var ready = await host.Client.GetAsync("/health/ready");

        var text = await host.Client.GetStringAsync("/metrics");

        AssertSample(text, "akka_ingest_events_accepted_total", "akka_ingest_protocol=\"native\"", "2");
        AssertSample(text, "akka_ingest_requests_total", "akka_ingest_outcome=\"accepted\"", "1");
        AssertSample(text, "akka_ingest_refusals_total", "error_type=\"queue-full\"", "1");
        AssertSample(text, "akka_ingest_spool_backlog", "akka_ingest_partition=\"0\"", "2");
        AssertSample(text, "akka_ingest_spool_oldest_age_seconds", "akka_ingest_partition=\"0\"", "3");
        AssertSample(text, "akka_ingest_spool_append_duration_seconds_count", "", "2");
        Assert.Contains("akka_ingest_request_duration_seconds_bucket", text, StringComparison.Ordinal);
        Assert.DoesNotContain("message", text, StringComparison.Ordinal);
    }

    private static void AssertSample(string text, string name, string tag, string value)
    {
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(tag, StringComparison.Ordinal));
        Assert.True(line is not null, $"{name} {tag} is missing in:\n{text}");
        // A time stamp of the scrape may follow the value.
        Assert.Equal(value, line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0]);
    }
}
