namespace Akka.Ingest.Tests.Operations;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Operations;
using Akka.Ingest.Storage;
using Akka.Ingest.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class RetentionTests
{
    private const string Plan = "/api/v1.0/diagnostics/retention";
    private const string TooLong = """{"dryRun":true,"padding":"0123456789012345678901234567890123456789"}""";
    private const string Run = "/api/v1.0/diagnostics/retention/run";
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(20_000));
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000).AddHours(12));

    [Fact]
    public async Task A_dry_run_and_the_plan_tell_what_would_go_and_remove_nothing()
    {
        await using var host = await IngestHost.StartAsync("Storage:Retention:MaxAgeDays=30", "Storage:Retention:MaxSizeBytes=2000000");
        var now = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        host.Store.Days.AddRange([Day(now.AddDays(-99), 500, 5_000), Day(now.AddDays(-3), 1_000, 1_500_000), Day(now, 1_000, 1_000_000)]);

        using var planned = JsonDocument.Parse(await host.Client.GetStringAsync(Plan));
        using var response = await host.PostAsync(Run, """{"dryRun":true}""");
        using var dry = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        foreach (var root in new[] { planned.RootElement, dry.RootElement })
        {
            Assert.False(root.GetProperty("enabled").GetBoolean());
            Assert.Equal(2_500, root.GetProperty("held").GetProperty("events").GetInt64());
            Assert.Equal(
                [(now.AddDays(-99).ToString("yyyy-MM-dd"), 500, true, "age"), (now.AddDays(-3).ToString("yyyy-MM-dd"), 1_000, true, "size")],
                root.GetProperty("remove").EnumerateArray().Select(step => (
                    step.GetProperty("day").GetString()!, step.GetProperty("events").GetInt64(), step.GetProperty("wholeDay").GetBoolean(), step.GetProperty("reason").GetString()!)));
        }

        Assert.Empty(host.Store.Requests);
    }

    [Fact]
    public async Task A_run_removes_in_small_steps_until_all_is_gone_that_should_go()
    {
        await using var host = await IngestHost.StartAsync("Storage:Retention:Enabled=true", "Storage:Retention:MaxSizeBytes=1500000", "Storage:Retention:MaxAgeDays=5");
        var now = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        host.Store.Days.AddRange([Day(now.AddDays(-9), 250, 2_500), Day(now, 1_000, 2_000_000)]);
        host.Store.StepEvents = 100;

        using var response = await host.PostAsync(Run, "", contentType: null);

        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(("done", 500, 1), (document.RootElement.GetProperty("state").GetString(), document.RootElement.GetProperty("events").GetInt64(), document.RootElement.GetProperty("days").GetInt64()));
        var day = Assert.Single(host.Store.Days);
        Assert.Equal((now, 750, 1_500_000), (day.Day, day.Events, day.Bytes));
        Assert.Equal([ExpireRequest.WholeDay, ExpireRequest.WholeDay, ExpireRequest.WholeDay, 250, 150, 50], host.Store.Requests.Select(request => request.Events));
        using var after = JsonDocument.Parse(await host.Client.GetStringAsync(Plan));
        Assert.Equal(0, after.RootElement.GetProperty("remove").GetArrayLength());
        Assert.Equal(500, after.RootElement.GetProperty("lastRun").GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task Nothing_is_removed_while_retention_is_not_enabled()
    {
        await using var host = await IngestHost.StartAsync("Storage:Retention:MaxAgeDays=1");
        host.Store.Days.Add(Day(new DateOnly(2020, 1, 1), 10, 100));
        using var response = await host.PostAsync(Run, "{}");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("Storage:Retention:Enabled", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Store.Requests);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"dryRun\":1}")]
    [InlineData("{")]
    [InlineData(TooLong)]
    public async Task A_body_that_is_none_is_refused_and_removes_nothing(string body)
    {
        await using var host = await IngestHost.StartAsync("Storage:Retention:Enabled=true", "Storage:Retention:MaxAgeDays=1");
        host.Store.Days.Add(Day(new DateOnly(2020, 1, 1), 10, 100));
        // Padded, so that one of them is longer than any such body may be.
        using var response = await host.PostAsync(Run, body == TooLong ? body.Replace("0123456789", new string('x', 2_000), StringComparison.Ordinal) : body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(host.Store.Requests);
    }

    [Fact]
    public async Task The_worker_runs_soon_after_the_start_and_then_every_interval_and_outlives_a_store_in_trouble()
    {
        await using var host = await IngestHost.StartAsync(_time, "Storage:Retention:Enabled=true", "Storage:Retention:MaxAgeDays=1", "Storage:Retention:IntervalMinutes=10");
        var runner = host.Services.GetRequiredService<RetentionRunner>();
        host.Store.Failure = new StoreFailure(StoreFailureKind.Transient, "test:away", "away", "Test");
        host.Store.Days.Add(Day(Today.AddDays(-9), 10, 100));
        var failed = await EndOfRunAsync(runner, null, RetentionWorker.FirstDelay);
        Assert.Equal("away", failed.Failure);

        host.Store.Failure = null;
        var done = await EndOfRunAsync(runner, failed, TimeSpan.FromMinutes(10));

        Assert.Null(done.Failure);
        Assert.Equal((10, 1), (done.Events, done.Days));
    }

    [Fact]
    public async Task Old_dead_letters_go_once_they_are_settled()
    {
        await using var host = await IngestHost.StartAsync(_time, "Storage:Retention:Enabled=true", "Storage:Retention:DeadLetterMaxAgeDays=7");
        using var posted = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"},{"message":"c"}]""");
        host.Queue.StoredOrdinal = 2;
        host.DeadLetters.Files.AddRange([(_time.GetUtcNow().UtcDateTime.AddDays(-8), 1), (_time.GetUtcNow().UtcDateTime.AddDays(-8), 2), (_time.GetUtcNow().UtcDateTime.AddDays(-6), 0)]);
        var runner = host.Services.GetRequiredService<RetentionRunner>();
        Assert.Equal(1, (await runner.PlanAsync(CancellationToken.None)).DeadLetters.Files);

        var run = await EndOfRunAsync(runner, null, RetentionWorker.FirstDelay);

        Assert.Equal(1, run.DeadLetters.Files);
        Assert.Equal([2, 0], host.DeadLetters.Files.Select(file => file.LastOrdinal));
    }

    // The worker waits for the fake clock, and a run pauses by it: it is moved on until the run has ended.
    private async Task<RetentionRun> EndOfRunAsync(RetentionRunner runner, RetentionRun? before, TimeSpan delay)
    {
        for (var moved = TimeSpan.Zero; ; moved += TimeSpan.FromSeconds(1))
        {
            if (runner.Last is { EndedAt: not null } last && last != before)
            {
                Assert.True(moved >= delay - TimeSpan.FromSeconds(5), $"The run came after {moved}.");
                return last;
            }

            Assert.True(moved < delay + TimeSpan.FromHours(1), "No run ended.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }

    private static StoredDay Day(DateOnly day, long events, long bytes) => new(day, events, bytes, 0, 0);
}
