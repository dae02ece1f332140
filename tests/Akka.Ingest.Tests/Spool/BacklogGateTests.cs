namespace Akka.Ingest.Tests.Spool;

using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class BacklogGateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_request_enters_while_there_is_room()
    {
        var gate = Gate(100);
        Assert.Null(await gate.EnterAsync(60, 1, CancellationToken.None));
        Assert.Null(await gate.EnterAsync(40, 1, CancellationToken.None));
        Assert.Equal(100, gate.Used);
    }

    [Fact]
    public async Task A_request_waits_for_room_and_gets_it_when_the_store_catches_up()
    {
        var gate = Gate(100);
        gate.SetBacklog(0, 50);
        gate.SetBacklog(1, 50);
        var waiting = gate.EnterAsync(30, 1, CancellationToken.None).AsTask();
        gate.SetBacklog(0, 25);
        Assert.False(waiting.IsCompleted);
        gate.SetBacklog(1, 45);
        Assert.Null(await waiting);
        Assert.Equal(100, gate.Used);
    }

    [Fact]
    public async Task A_request_that_waited_too_long_is_refused_with_a_time_to_come_back()
    {
        var gate = Gate(100);
        gate.SetBacklog(0, 100);
        var waiting = gate.EnterAsync(1, 1, CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(4_999));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        var refusal = await waiting;
        Assert.Equal(IngestErrorKind.QueueFull, refusal!.Kind);
        Assert.NotNull(refusal.RetryAfter);
        Assert.Equal((100L, 0), (gate.Used, gate.WaitingRequests));
    }

    [Fact]
    public async Task Requests_enter_in_the_order_they_came()
    {
        var gate = Gate(100);
        gate.SetBacklog(0, 100);
        var large = gate.EnterAsync(80, 1, CancellationToken.None).AsTask();
        var small = gate.EnterAsync(1, 1, CancellationToken.None).AsTask();
        gate.SetBacklog(0, 50);
        Assert.False(large.IsCompleted || small.IsCompleted);
        gate.SetBacklog(0, 20);
        Assert.Null(await large);
        Assert.False(small.IsCompleted);
        gate.SetBacklog(0, 0);
        Assert.Null(await small);
    }

    [Fact]
    public async Task A_large_one_that_gives_up_lets_those_behind_it_in()
    {
        var gate = Gate(100);
        gate.SetBacklog(0, 50);
        using var gone = new CancellationTokenSource();
        var large = gate.EnterAsync(80, 1, gone.Token).AsTask();
        var small = gate.EnterAsync(10, 1, CancellationToken.None).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.Null(await small);
        Assert.Equal(60, gate.Used);
    }

    [Fact]
    public async Task No_more_than_the_limit_wait_by_number_and_by_bytes()
    {
        var byNumber = Gate(1);
        byNumber.SetBacklog(0, 1);
        for (var i = 0; i < BacklogGate.MaxWaiters; i++)
            _ = byNumber.EnterAsync(1, 1, CancellationToken.None).AsTask();
        Assert.Equal(IngestErrorKind.QueueFull, (await byNumber.EnterAsync(1, 1, CancellationToken.None))!.Kind);

        var byBytes = Gate(1);
        byBytes.SetBacklog(0, 1);
        _ = byBytes.EnterAsync(1, BacklogGate.MaxWaitingBytes - 10, CancellationToken.None).AsTask();
        Assert.Equal(IngestErrorKind.QueueFull, (await byBytes.EnterAsync(1, 11, CancellationToken.None))!.Kind);
        Assert.Equal(1, byBytes.WaitingRequests);
    }

    [Fact]
    public async Task Without_hold_a_full_queue_refuses_at_once()
    {
        var gate = Gate(10, maxHoldMs: 0);
        gate.SetBacklog(0, 10);
        Assert.Equal(IngestErrorKind.QueueFull, (await gate.EnterAsync(1, 1, CancellationToken.None))!.Kind);
    }

    [Fact]
    public async Task Stopping_refuses_what_waits_and_what_comes()
    {
        var gate = Gate(1);
        gate.SetBacklog(0, 1);
        var waiting = gate.EnterAsync(1, 1, CancellationToken.None).AsTask();
        gate.StopAccepting();
        Assert.Equal(IngestErrorKind.Stopping, (await waiting)!.Kind);
        Assert.Equal(IngestErrorKind.Stopping, (await gate.EnterAsync(1, 1, CancellationToken.None))!.Kind);
    }

    [Fact]
    public async Task A_request_larger_than_the_queue_passes_when_it_is_empty()
    {
        var gate = Gate(10);
        Assert.Null(await gate.EnterAsync(1_000, 1, CancellationToken.None));
        var next = gate.EnterAsync(1, 1, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        gate.Release(1_000);
        Assert.Null(await next);
    }

    private BacklogGate Gate(long capacity, int maxHoldMs = 5_000) =>
        new(new IngestionPipelineOptions { QueueCapacity = capacity, MaxHoldMs = maxHoldMs, Partitions = 2 }, _time);
}
