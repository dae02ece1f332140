namespace Akka.Ingest.Tests.Http;

using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

public sealed class StopTests
{
    private const string Native = "/api/v1.0/logs";
    private const string Body = """{"message":"a"}""";

    [Fact]
    public async Task A_request_held_by_the_queue_gets_503_at_once()
    {
        await using var host = await IngestHost.StartAsync();
        host.Queue.Gate = new TaskCompletionSource().Task;
        var held = host.PostAsync(Native, Body);
        await host.Queue.Entered.WaitAsync();

        await host.StopAsync();

        using var response = await held;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("stopping", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_held_for_memory_gets_503_at_once()
    {
        await using var host = await IngestHost.StartAsync();
        host.Budget.TakeAnyway(host.Budget.MaxBytes);
        var held = host.PostAsync(Native, Body);
        while (host.Budget.Waiting == 0)
            await Task.Yield();

        await host.StopAsync();

        using var response = await held;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("problem:stopping", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_whose_body_is_still_coming_gets_503_at_once()
    {
        await using var host = await IngestHost.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Native} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n{Body}"));
        while (host.Budget.UsedBytes == 0)
            await Task.Yield();

        var stop = host.StopAsync();

        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await reader.ReadLineAsync());
        await stop;
    }

    [Fact]
    public async Task A_request_in_the_hands_of_the_spool_is_answered_before_the_server_ends()
    {
        await using var host = await IngestHost.StartAsync();
        var committed = new TaskCompletionSource();
        host.Queue.IgnoresStop = true;
        host.Queue.Gate = committed.Task;
        var inHand = host.PostAsync(Native, Body);
        await host.Queue.Entered.WaitAsync();

        var stop = host.StopAsync();
        committed.SetResult();

        using var response = await inHand;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await stop;
    }
}
