namespace Akka.Ingest.EndToEnd.Tests.Stores;

using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>The same events sent to servers with different stores; the same questions must have the same answers, byte for byte but for ids and times of receipt.</summary>
public sealed class ProviderParityTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Requests = 8;
    private const int EventsPerRequest = 250;
    private static readonly DateTime Start = new(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Questions =
    [
        "logs?limit=50", "logs?order=asc&limit=50", "logs?minLevel=Error", "logs?level=Debug&level=Critical&limit=1000",
        "logs?text=TIMED%20OUT&limit=1000", "logs?text=gr%C3%B6%C3%9Fe", "logs?source=orders&order=asc&limit=7",
        "logs?traceId=0af7651916cd43dd8448eb211c80319c",
        "logs?from=2026-11-24T08:00:10Z&to=2026-11-24T08:00:11Z&limit=1000",
        "logs?filter=" + "properties.Elapsed > 400 and level >= 'Warning'",
        "logs?filter=" + "properties.Order.Total = 12.50 or properties.Order.Total = 3",
        "logs?filter=" + "not has(properties.Order) and message like 'order%'",
        "logs?filter=" + "properties.Tags[1] = 'b' and source in ('orders', 'shop')",
        "logs?filter=" + "exception is not null",
        "logs/count", "logs/count?minLevel=Warning", "logs/count?text=timed%20out", "logs/count?filter=properties.Elapsed is null",
        "logs/histogram?buckets=7&from=2026-11-24T08:00:00Z&to=2026-11-24T08:10:00Z",
        "logs/histogram?buckets=5&filter=source = 'shop'",
        "logs?filter=broken (", "logs?limit=0",
    ];

    [Theory]
    [InlineData("File")]
    [InlineData("Segmented")]
    [InlineData("PostgreSql")]
    public async Task A_store_answers_as_the_default_store_does(string provider)
    {
        var expected = await AskAsync(new ServerSettings());
        using var other = new ServerFolder();
        var settings = await ProviderSettings.ForAsync(provider);
        settings["Storage__Path"] = other.Data;
        var actual = await AskAsync(settings);

        for (var i = 0; i < Questions.Length; i++)
        {
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Questions[i]}: {expected[i].Length} characters"));
            Assert.True(expected[i] == actual[i], $"{Questions[i]}\nSqlite    {expected[i]}\n{provider,-9} {actual[i]}");
        }
    }

    private async Task<List<string>> AskAsync(ServerSettings settings)
    {
        var server = await StartServerAsync(settings);
        for (var request = 0; request < Requests; request++)
        {
            using var content = new ByteArrayContent(Body(request));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var answer = await server.Http.PostAsync("/api/v1.0/logs", content);
            answer.EnsureSuccessStatusCode();
        }

        await new StoreReader(server).WaitForCountAsync(Requests * EventsPerRequest);
        var answers = new List<string>();
        foreach (var question in Questions)
        {
            using var answer = await server.Http.GetAsync("/api/v1.0/" + question);
            answers.Add($"{(int)answer.StatusCode} {Comparable(await answer.Content.ReadAsStringAsync())}");
        }

        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        return answers;
    }

    // Every time stamp is unique, so that no order depends on which partition an event went to.
    private static byte[] Body(int request)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < EventsPerRequest; i++)
        {
            var n = (request * EventsPerRequest) + i;
            lines.Append(CultureInfo.InvariantCulture, $$"""{"timestamp":"{{Start.AddMilliseconds(n * 37):O}}","level":"{{(n % 17 == 0 ? "Error" : n % 5 == 0 ? "Warning" : n % 3 == 0 ? "Debug" : "Information")}}",""");
            lines.Append(CultureInfo.InvariantCulture, $$"""{{Kind(n)}},"source":"{{(n % 2 == 0 ? "orders" : "shop")}}","host":"web-0{{n % 4}}"}""").Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static string Kind(int n) => (n % 6) switch
    {
        0 => $$$"""
            "message":"order {{{n}}} placed","properties":{"Elapsed":{{{n}}},"Order":{"Total":{{{(n % 12 == 0 ? "12.50" : "3.0")}}},"Lines":[{"Sku":"ä{{{n}}}"}]}}
            """,
        1 => $$"""
            "messageTemplate":"order {Id} timed out","exception":"System.TimeoutException: Größe {{n}}\n   at Shop.Pay()","properties":{"Id":{{n}}}
            """,
        2 => """
            "message":"call Timed Out","traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"
            """,
        3 => """
            "message":"NUL \u0000 and 😀","properties":{"Tags":["a","b"],"Elapsed":null}
            """,
        4 => """
            "body":{"any":[1,2,{"x":1e400}]},"headers":{"Host":"example.org"},"category":"Shop.Orders"
            """,
        _ => $$"""
            "message":"order line","properties":{"Elapsed":{{n}}.250}
            """,
    };

    private static string Comparable(string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json.Remove("plan");
        json.Remove("traceId");
        if (json["nextCursor"] is { } cursor && cursor.GetValueKind() == JsonValueKind.String)
            json["nextCursor"] = "more";
        foreach (var found in json["events"]?.AsArray() ?? [])
        {
            found!.AsObject().Remove("id");
            found.AsObject().Remove("receivedAt");
        }

        return json.ToJsonString();
    }
}
