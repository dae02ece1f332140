namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using System.Net;
using System.Text;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

public sealed class IdempotencyTests(ITestOutputHelper output) : EndToEndTest(output)
{
    [Fact]
    public async Task A_key_is_remembered_across_kill_9_and_a_graceful_restart()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync();
        using var client = new IngestClient(server.Url, ledger);
        var first = await client.SendAsync(10);
        await server.KillAsync();
        await server.StartReadyAsync();
        await AssertReplayedAsync(client, first!);

        await new StoreReader(server).WaitDrainedAsync(ledger);
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        await server.StartReadyAsync();
        await AssertReplayedAsync(client, first!);

        await server.KillAsync();
        await server.StartReadyAsync();
        await AssertReplayedAsync(client, first!);
        await new StoreReader(server).WaitDrainedAsync(ledger);
        await new StoreReader(server).CheckAsync(ledger);
    }

    [Fact]
    public async Task A_key_used_for_another_body_is_refused_after_kill_9_too()
    {
        var server = await StartServerAsync();
        Assert.Equal(HttpStatusCode.OK, await PostAsync(server, "one"));
        await server.KillAsync();
        await server.StartReadyAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(server, "another"));
        await new StoreReader(server).WaitForCountAsync(1);
        Assert.Equal(1, await new StoreReader(server).CountAsync());
    }

    private static async Task AssertReplayedAsync(IngestClient client, IngestAnswer first)
    {
        var again = await client.RepeatAsync();
        Assert.True(again!.Replayed, "The answer does not say Idempotency-Replayed: true.");
        Assert.Equal(first.Status, again.Status);
        Assert.Equal(first.Body, again.Body);
    }

    private static async Task<HttpStatusCode> PostAsync(ServerProcess server, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1.0/logs")
        {
            Content = new StringContent($$"""{"message":"{{message}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", "\"one-key\"");
        using var answer = await server.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
