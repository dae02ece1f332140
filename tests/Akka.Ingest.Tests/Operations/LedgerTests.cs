namespace Akka.Ingest.Tests.Operations;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Delivery;
using Akka.Ingest.Storage;
using Akka.Ingest.Tests.Http;
using Xunit;

public sealed class LedgerTests
{
    private static readonly Guid Own = FakeIngestionQueue.SpoolId;

    [Fact]
    public async Task Each_key_and_the_total_are_accounted_for()
    {
        await using var host = await HostAsync(storedOrdinal: 7);
        host.Store.Counts.AddRange([new(Own, "a", 2, 1), new(Own, "b", 2, 0), new(Guid.NewGuid(), "a", 70, 7)]);
        host.DeadLetters.Counts.AddRange([new DeadLetterCounts(Own, "a", 1, 0), new DeadLetterCounts(Own, "b", 0, 1), new DeadLetterCounts(Guid.NewGuid(), "a", 9, 9)]);

        var root = await LedgerAsync(host);

        Assert.Equal("""{"apiKeyId":"a","accepted":4,"stored":2,"deadLettered":1,"expired":1,"inFlight":0,"balanced":true}""", Compact(root.GetProperty("keys")[0]));
        Assert.Equal("""{"apiKeyId":"b","accepted":3,"stored":2,"deadLettered":0,"expired":1,"inFlight":0,"balanced":true}""", Compact(root.GetProperty("keys")[1]));
        Assert.Equal("""{"accepted":7,"stored":4,"deadLettered":1,"expired":2,"inFlight":0,"balanced":true}""", Compact(root.GetProperty("total")));
        Assert.Equal("""{"stored":70,"expired":7}""", Compact(root.GetProperty("otherSpools")));
    }

    [Fact]
    public async Task What_is_not_settled_is_in_flight()
    {
        await using var host = await HostAsync(storedOrdinal: 5);
        host.Store.Counts.AddRange([new(Own, "a", 3, 0), new(Own, "b", 2, 0)]);

        var root = await LedgerAsync(host);

        Assert.Equal([(1, true), (1, true)], root.GetProperty("keys").EnumerateArray().Select(row => (row.GetProperty("inFlight").GetInt32(), row.GetProperty("balanced").GetBoolean())));
        Assert.Equal((2, true), (root.GetProperty("total").GetProperty("inFlight").GetInt32(), root.GetProperty("total").GetProperty("balanced").GetBoolean()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task An_event_lost_or_doubled_unbalances_its_key_and_the_total(long storedOfA)
    {
        await using var host = await HostAsync(storedOrdinal: 7);
        host.Store.Counts.AddRange([new(Own, "a", storedOfA, 0), new(Own, "b", 3, 0)]);

        var root = await LedgerAsync(host);

        Assert.Equal([false, true], root.GetProperty("keys").EnumerateArray().Select(row => row.GetProperty("balanced").GetBoolean()));
        Assert.False(root.GetProperty("total").GetProperty("balanced").GetBoolean());
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_503()
    {
        await using var host = await HostAsync(storedOrdinal: 7);
        host.Store.Failure = new StoreFailure(StoreFailureKind.Transient, "sqlite:14", "cannot open", "SqliteException");
        using var response = await host.Client.GetAsync("/api/v1.0/diagnostics/ledger");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private static async Task<IngestHost> HostAsync(long storedOrdinal)
    {
        var host = await IngestHost.StartAsync(
            "ApiKeys:0:Id=a", "ApiKeys:0:Key=key-a", "ApiKeys:0:Scopes:0=ingest", "ApiKeys:1:Id=b", "ApiKeys:1:Key=key-b", "ApiKeys:1:Scopes:0=ingest",
            "ApiKeys:2:Id=admin", "ApiKeys:2:Key=key-admin", "ApiKeys:2:Scopes:0=admin");
        using var first = await host.PostAsync("/api/v1.0/logs", """[{"message":"1"},{"message":"2"},{"message":"3"},{"message":"4"}]""", headers: ("X-Api-Key", "key-a"));
        using var second = await host.PostAsync("/api/v1.0/logs", """[{"message":"1"},{"message":"2"},{"message":"3"}]""", headers: ("X-Api-Key", "key-b"));
        host.Queue.StoredOrdinal = storedOrdinal;
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", "key-admin");
        return host;
    }

    private static async Task<JsonElement> LedgerAsync(IngestHost host)
    {
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/api/v1.0/diagnostics/ledger"));
        return document.RootElement.Clone();
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
