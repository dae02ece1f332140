namespace Akka.Ingest.EndToEnd.Tests.Clients;

using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

/// <summary>One HTTP request of a k6 script.</summary>
internal static class K6Request
{
    public static object Send(HttpClient http, K6Samples samples, string method, string url, string? body, string headers)
    {
        var clock = Stopwatch.StartNew();
        var (status, text, answered, error) = Exchange(http, method, url, body, headers);
        var milliseconds = clock.Elapsed.TotalMilliseconds;
        samples.Add("http_reqs", 1);
        samples.Add("http_req_duration", milliseconds);
        samples.Add("http_req_failed", status is >= 200 and < 400 ? 0 : 1);
        return new { status, body = text, url, error, headers = answered, duration = milliseconds };
    }

    private static (int Status, string Body, string Headers, string Error) Exchange(HttpClient http, string method, string url, string? body, string headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(headers)!)
        {
            if (string.Equals(name, "Content-Type", StringComparison.OrdinalIgnoreCase) && request.Content is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = http.Send(request);
            using var reader = new StreamReader(response.Content.ReadAsStream());
            var answered = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
            return ((int)response.StatusCode, reader.ReadToEnd(), JsonSerializer.Serialize(answered), "");
        }
        catch (HttpRequestException e)
        {
            return (0, "", "{}", e.Message);
        }
    }
}
