namespace Akka.Ingest.LoadTest.Server;

using System.Globalization;
using System.Text.Json;
using Akka.Ingest.LoadTest.Load;

internal sealed record MetricsReading(double? Backlog, double? Stored);

/// <summary>Asks the server for its backlog and its counts: <c>/metrics</c> and the count query.</summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly LoadOptions _options;
    private readonly HttpClient _http;

    public ServerMetrics(LoadOptions options)
    {
        _options = options;
        _http = new HttpClient { BaseAddress = options.Url, Timeout = TimeSpan.FromSeconds(60) };
        if (options.ApiKey is not null)
            _http.DefaultRequestHeaders.Add("X-Api-Key", options.ApiKey);
    }

    /// <summary>Null when the server did not answer.</summary>
    public async Task<MetricsReading?> ReadAsync()
    {
        var text = await TryGetAsync("/metrics");
        return text is null ? null : new MetricsReading(Sum(text, _options.BacklogMetric), Sum(text, _options.StoredMetric));
    }

    public async Task<bool> IsReadyAsync() => await TryGetAsync("/health/ready") is not null;

    /// <summary>Events that the store would give to a query without a filter; null when the server does not say.</summary>
    public async Task<long?> CountAsync()
    {
        var text = await TryGetAsync("/api/v1.0/logs/count");
        if (text is null)
            return null;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("count").GetInt64();
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> TryGetAsync(string path)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Adds up the series of a metric in the Prometheus text format; a counter may carry the suffix <c>_total</c>.</summary>
    internal static double? Sum(string text, string metric)
    {
        double? sum = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(metric, StringComparison.Ordinal))
                continue;
            var rest = line[metric.Length..];
            if (rest.StartsWith("_total", StringComparison.Ordinal))
                rest = rest["_total".Length..];
            if (rest is not [' ' or '{', ..])
                continue;
            var value = rest[(rest.LastIndexOf('}') + 1)..].Trim();
            // A time stamp in milliseconds may follow the value.
            var end = value.IndexOf(' ');
            if (double.TryParse(end < 0 ? value : value[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                sum = (sum ?? 0) + number;
        }

        return sum;
    }
}
