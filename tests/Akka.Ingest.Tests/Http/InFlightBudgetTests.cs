namespace Akka.Ingest.Tests.Http;

using System.Net;
using Akka.Ingest.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class InFlightBudgetTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Who_finds_it_used_up_waits_until_bytes_come_back()
    {
        var budget = new InFlightBudget(100, _time);
        Assert.True(budget.TryTake(80));
        var waiting = budget.TakeAsync(30, alreadyReading: false, Hold, default).AsTask();
        Assert.False(waiting.IsCompleted);

        budget.Return(80);

        Assert.True(await waiting);
        Assert.Equal(30, budget.UsedBytes);
    }

    [Fact]
    public async Task Who_waited_too_long_is_refused_and_takes_nothing()
    {
        var budget = new InFlightBudget(100, _time);
        Assert.True(budget.TryTake(80));
        var waiting = budget.TakeAsync(30, alreadyReading: false, Hold, default).AsTask();

        _time.Advance(Hold);

        Assert.False(await waiting);
        Assert.Equal((80, 0), (budget.UsedBytes, budget.Waiting));
    }

    [Fact]
    public async Task A_request_that_is_being_read_goes_first_and_nobody_overtakes_the_line()
    {
        var budget = new InFlightBudget(100, _time);
        Assert.True(budget.TryTake(100));
        var later = budget.TakeAsync(50, alreadyReading: false, Hold, default).AsTask();
        var reading = budget.TakeAsync(60, alreadyReading: true, Hold, default).AsTask();

        budget.Return(70);

        Assert.True(await reading);
        Assert.False(later.IsCompleted);
        Assert.False(budget.TryTake(1));
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_line()
    {
        var budget = new InFlightBudget(100, _time);
        Assert.True(budget.TryTake(100));
        using var cancel = new CancellationTokenSource();
        var waiting = budget.TakeAsync(50, alreadyReading: false, Hold, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, budget.Waiting);
        budget.Return(100);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public async Task A_request_that_finds_no_memory_in_time_is_503_overloaded()
    {
        await using var host = await IngestHost.StartAsync(
            "Storage:IngestionPipeline:MaxPayloadBytes=1024", "Storage:IngestionPipeline:MaxInFlightBytes=1048576", "Storage:IngestionPipeline:MaxHoldMs=1");
        host.Budget.TakeAnyway(1_048_576);

        using var response = await host.PostAsync("/api/v1.0/logs", """{"message":"a"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("overloaded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_request_goes_on_when_memory_comes_back()
    {
        await using var host = await IngestHost.StartAsync();
        host.Budget.TakeAnyway(host.Budget.MaxBytes);
        var held = host.PostAsync("/api/v1.0/logs", """{"message":"a"}""");
        while (host.Budget.Waiting == 0)
            await Task.Yield();

        host.Budget.Return(host.Budget.MaxBytes);

        using var response = await held;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
