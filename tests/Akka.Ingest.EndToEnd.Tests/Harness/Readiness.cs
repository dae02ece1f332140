namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Text.Json;

/// <summary>Asks <c>/health/ready</c> once.</summary>
internal static class Readiness
{
    public static async Task<(bool Ready, string Answer)> AskAsync(HttpClient http, bool queueMayBeFull)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var response = await http.GetAsync("/health/ready", patience.Token);
            var answer = await response.Content.ReadAsStringAsync(patience.Token);
            var ready = response.IsSuccessStatusCode || (queueMayBeFull && OnlyQueueIsFull(answer));
            return (ready, $"{(int)response.StatusCode} {answer}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return (false, e.Message);
        }
    }

    private static bool OnlyQueueIsFull(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.GetProperty("checks").EnumerateObject()
                .Where(check => check.Value.GetString() != "ok")
                .Select(check => check.Name)
                .SequenceEqual(["queue"]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }
}
