namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

/// <summary>Reads back through the query API what the server stored.</summary>
internal sealed class StoreReader(ServerProcess server)
{
    private const int PageSize = 1_000;

    /// <summary>Every event in order of receipt, page by page. An element is valid until the next one is asked for.</summary>
    /// <param name="query">More parameters, for example <c>source=shop</c>.</param>
    public async IAsyncEnumerable<JsonElement> ReadAllAsync(string query = "")
    {
        string? cursor = null;
        do
        {
            var page = $"/api/v1.0/logs?order=received&limit={PageSize}&{query}";
            if (cursor is not null)
                page += "&cursor=" + Uri.EscapeDataString(cursor);
            using var json = await GetAsync(page);
            foreach (var found in json.RootElement.GetProperty("events").EnumerateArray())
                yield return found;
            var next = json.RootElement.GetProperty("nextCursor").GetString();
            if (next is not null && next == cursor)
                throw server.Failed($"The cursor {next} does not move.");
            cursor = next;
        }
        while (cursor is not null);
    }

    /// <summary>Every numbered event, in order of receipt.</summary>
    public async IAsyncEnumerable<NumberedEvent> ReadNumberedAsync()
    {
        await foreach (var found in ReadAllAsync())
        {
            if (NumberedEvent.From(found) is { } numbered)
                yield return numbered;
        }
    }

    public async Task<long> CountAsync(string query = "")
    {
        using var json = await GetAsync("/api/v1.0/logs/count?" + query);
        return json.RootElement.GetProperty("count").GetInt64();
    }

    /// <summary>Waits until a query finds as many events.</summary>
    public async Task WaitForCountAsync(long count, string query = "", TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        long found;
        while ((found = await CountAsync(query)) < count)
        {
            if (clock.Elapsed > (limit ?? TimeSpan.FromSeconds(60)))
                throw server.Failed($"{found} of {count} events found after {clock.Elapsed}.");
            await Task.Delay(50);
        }
    }

    /// <summary>State of a receipt; null when the server knows no such receipt.</summary>
    public async Task<string?> ReceiptStateAsync(string receipt)
    {
        using var answer = await server.Http.GetAsync("/api/v1.0/receipts/" + Uri.EscapeDataString(receipt));
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("state").GetString();
    }

    /// <summary>Waits until the events of all these receipts are stored.</summary>
    public async Task WaitStoredAsync(IEnumerable<string> receipts, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        foreach (var receipt in receipts)
        {
            string? state;
            while ((state = await ReceiptStateAsync(receipt)) != "stored")
            {
                if (clock.Elapsed > (limit ?? TimeSpan.FromSeconds(120)))
                    throw server.Failed($"Receipt {receipt} is still {state ?? "unknown"} after {clock.Elapsed}.");
                await Task.Delay(50);
            }
        }
    }

    /// <summary>
    /// Waits until everything accepted before this call is stored: partitions keep their order, so it is enough to wait for
    /// events that are sent now to every partition. Keys spread over the partitions by their hash.
    /// </summary>
    public async Task WaitDrainedAsync(BatchLedger ledger, TimeSpan? limit = null)
    {
        const int Markers = 64;
        using var client = new IngestClient(server.Url, ledger);
        var receipts = new List<string>();
        for (var marker = 0; marker < Markers; marker++)
            receipts.Add((await client.SendAsync(1))!.Receipt!);
        await WaitStoredAsync(receipts, limit);
    }

    /// <summary>Checks everything sent against everything found.</summary>
    public async Task<LedgerReport> CheckAsync(BatchLedger ledger)
    {
        var report = await ledger.CheckAsync(ReadNumberedAsync());
        report.AssertExactlyOnce();
        return report;
    }

    public async Task<string> MetricsAsync() => await server.Http.GetStringAsync("/metrics");

    /// <summary>Sum of a metric over its labels; null when it is not there.</summary>
    public async Task<double?> MetricAsync(string name)
    {
        var values = (await MetricsAsync()).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
            .Select(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture))
            .ToList();
        return values.Count == 0 ? null : values.Sum();
    }

    private async Task<JsonDocument> GetAsync(string path)
    {
        using var answer = await server.Http.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(body) : throw server.Failed($"GET {path}: {(int)answer.StatusCode} {body}");
    }
}
