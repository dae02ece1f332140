namespace Akka.Ingest.EndToEnd.Tests.Redaction;

using System.Net;
using System.Text;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>Sends secrets in every place where rules cover them, and searches every byte that reached the disk or the log.</summary>
public sealed class RedactionOnDiskTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const string Visible = "KeptInPlainSight";
    private readonly PlantedSecrets _secrets = new();

    [Fact]
    public async Task No_secret_that_a_rule_covers_is_in_any_file_nor_in_the_log()
    {
        var server = await StartServerAsync(new ServerSettings
        {
            ["Redaction__SensitiveKeys__0"] = "ssn",
            ["Redaction__Patterns__card"] = @"\b4[0-9]{15}\b",
        });
        var events = NativeEvents();
        await PostAsync(server, "/api/v1.0/logs", "application/x-ndjson", string.Join('\n', events), HttpStatusCode.OK);
        await PostAsync(server, "/api/v1.0/logs?invalid=deadletter", "application/x-ndjson", RejectedLines(), HttpStatusCode.OK);
        await PostAsync(server, "/ingest/clef", "application/vnd.serilog.clef", ClefLines(), HttpStatusCode.Created);
        await PostAsync(server, "/api/v1.0/logs", "application/json", $$"""{"message":"x","password":"{{_secrets.Plant("a refused request")}}" """, HttpStatusCode.BadRequest);
        var reader = new StoreReader(server);
        await reader.WaitForCountAsync(events.Count + 2);
        await WaitForDeadLettersAsync(count: 4);

        // Killed, so that the write-ahead logs are still there to be searched; then stopped, as operators do.
        await server.KillAsync();
        AssertClean("after kill -9");
        await server.StartReadyAsync();
        await AssertCleanAnswersAsync(reader);
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));
        AssertClean("after a graceful stop");
        Assert.Empty(_secrets.FindIn("the log", Encoding.UTF8.GetBytes(server.Output.Text)));
    }

    private List<string> NativeEvents() =>
    [
        $$$"""{"message":"{{{Visible}}}","body":{"user":{"name":"a","password":"{{{_secrets.Plant("body")}}}"}} }""",
        $$$"""{"message":"{{{Visible}}}","body":[[{"client_secret":"{{{_secrets.Plant("body, in arrays")}}}"}]]}""",
        $$$"""{"message":"{{{Visible}}}","headers":{"Authorization":"Bearer {{{_secrets.Plant("headers")}}}","Cookie":"sid={{{_secrets.Plant("cookie header")}}}"}}""",
        $$$"""{"message":"{{{Visible}}}","properties":{"a":{"b":[{"ApiKey":"{{{_secrets.Plant("properties")}}}"}]}} }""",
        $$$"""{"message":"{{{Visible}}}","properties":{"pass\u0077ord":"{{{_secrets.Plant("an escaped key")}}}"}}""",
        $$$"""{"message":"{{{Visible}}}","Token":"{{{_secrets.Plant("an unknown top-level name")}}}"}""",
        $$$"""{"message":"{{{Visible}}}","properties":{"secret":{"inner":["{{{_secrets.Plant("an object under a sensitive key")}}}"]}} }""",
        $$$"""{"message":"{{{Visible}}}","properties":{"SSN":"{{{_secrets.Plant("a configured key")}}}"}}""",
        $$$"""{"message":"{\"{{{Visible}}}\":1,\"password\":\"{{{_secrets.Plant("message that is JSON text")}}}\"}"}""",
        $$$"""{"message":"{{{Visible}}}","body":"{\"deep\":{\"token\":\"{{{_secrets.Plant("body that is JSON text")}}}\"}}"}""",
        $$$"""{"message":"{{{Visible}}} paid with {{{_secrets.Plant("a pattern in the message", "4929123412341234")}}}","properties":{"n":"4929123412341234"}}""",
    ];

    private string RejectedLines() => string.Join('\n',
        $$"""{"message":"good {{Visible}}"}""",
        $$"""{"message":"cut {{Visible}}","password":"{{_secrets.Plant("a malformed line")}}" """,
        $$"""plain {{Visible}} token={{_secrets.Plant("a line that is no JSON")}} and more""",
        $$$"""{"timestamp":"never","message":"{{{Visible}}}","properties":{"secret":"{{{_secrets.Plant("an event with a bad timestamp")}}}"}}""");

    private string ClefLines() => string.Join('\n',
        $$"""{"@t":"2026-11-24T08:00:00Z","@m":"clef {{Visible}}","Password":"{{_secrets.Plant("a CLEF property")}}"}""",
        $$"""{"@t":"not a time","@m":"clef {{Visible}}","Password":"{{_secrets.Plant("a CLEF line with a bad timestamp")}}"}""");

    private static async Task PostAsync(ServerProcess server, string path, string mediaType, string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, mediaType);
        using var answer = await server.Http.PostAsync(path, content);
        Assert.True(answer.StatusCode == expected, $"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task WaitForDeadLettersAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (DeadLetterLines() < count)
            await Task.Delay(50, patience.Token);
        Assert.Equal(count, DeadLetterLines());
    }

    private int DeadLetterLines() =>
        !Directory.Exists(Folder.DeadLetters) ? 0
        : Directory.EnumerateFiles(Folder.DeadLetters, "*.ndjson", SearchOption.AllDirectories).Sum(file => File.ReadLines(file).Count());

    private void AssertClean(string when)
    {
        var found = Folder.Files.SelectMany(file => _secrets.FindIn(Path.GetRelativePath(Folder.Root, file), File.ReadAllBytes(file)));
        Assert.Empty(found.Select(what => $"{what} {when}"));

        // The search itself works: what no rule covers is in the journal, the store and the dead letters.
        foreach (var folder in new[] { Folder.Spool, Folder.Store, Folder.DeadLetters })
        {
            var visible = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Visible)) >= 0);
            Assert.True(visible || (folder == Folder.Spool && when != "after kill -9"), $"The search does not even find plain text in {folder}.");
        }
    }

    private async Task AssertCleanAnswersAsync(StoreReader reader)
    {
        await foreach (var found in reader.ReadAllAsync())
            Assert.Empty(_secrets.FindIn("an answer to a query", Encoding.UTF8.GetBytes(found.GetRawText())));
    }
}
