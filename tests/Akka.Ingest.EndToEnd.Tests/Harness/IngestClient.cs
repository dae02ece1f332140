namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

/// <summary>How a client sends.</summary>
/// <param name="Keyed">With an <c>Idempotency-Key</c>, and again after every failure until there is an answer; else once.</param>
/// <param name="Clef">CLEF instead of NDJSON.</param>
/// <param name="MaxBatch">Largest batch; sizes are spread so that small ones are as common as large ones.</param>
internal sealed record IngestStyle(bool Keyed = true, bool Clef = false, int MaxBatch = 1_000);

/// <summary>One client with a connection of its own; sends one request after the other and writes down what became of each.</summary>
internal sealed class IngestClient : IDisposable
{
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(120);
    private readonly HttpClient _http;
    private readonly int _number;
    private readonly BatchLedger _ledger;
    private readonly IngestStyle _style;
    private readonly Random _random;
    private int _nextBatch;
    private NumberedBatch _newest;

    public IngestClient(Uri server, BatchLedger ledger, IngestStyle? style = null)
    {
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = server,
            Timeout = TimeSpan.FromSeconds(60),
        };
        _number = ledger.NextClient();
        _ledger = ledger;
        _style = style ?? new IngestStyle();
        _random = new Random(_number);
    }

    /// <summary>Requests sent again, over all batches.</summary>
    public int Repeats { get; private set; }

    /// <summary>Answers that were given by the memory of an earlier one.</summary>
    public int Replays { get; private set; }

    /// <summary>Sends batches of mixed sizes until told to stop; a batch under way is finished first.</summary>
    /// <param name="pause">Longest pause between two requests.</param>
    /// <param name="stop">No new batch after this.</param>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var size = (int)Math.Round(Math.Pow(_style.MaxBatch, _random.NextDouble()));
            await SendAsync(size);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause * _random.NextDouble(), CancellationToken.None);
        }
    }

    /// <summary>Sends one batch. Null when an unkeyed request had no answer.</summary>
    public async Task<IngestAnswer?> SendAsync(int count)
    {
        _newest = new NumberedBatch(_number, _nextBatch++, count);
        _ledger.Sending(_newest);
        return await SendAsync(_newest);
    }

    /// <summary>Sends the newest batch again, byte for byte, with the key it had.</summary>
    public Task<IngestAnswer?> RepeatAsync() => SendAsync(_newest);

    public void Dispose() => _http.Dispose();

    private async Task<IngestAnswer?> SendAsync(NumberedBatch batch)
    {
        var body = _style.Clef ? batch.ToClef() : batch.ToNdjson();
        var clock = Stopwatch.StartNew();
        for (var attempt = 0; ; attempt++)
        {
            var answer = await TryOnceAsync(batch, body);
            if (answer is { IsSuccess: true })
            {
                Repeats += attempt;
                Replays += answer.Replayed ? 1 : 0;
                _ledger.Settle(batch, BatchOutcome.Acknowledged, answer.Receipt);
                return answer;
            }

            if (answer is { MayBeRepeated: false })
                throw new InvalidOperationException($"{batch.Key} was refused for good: {answer.Status} {answer.Body}");
            if (!_style.Keyed)
            {
                // Without a key only once: a repeat could store the events twice, and the server could not know.
                var kept = answer is { OutcomeUnknown: false } ? BatchOutcome.Refused : BatchOutcome.Unknown;
                _ledger.Settle(batch, kept, receipt: null);
                await Task.Delay(20);
                return answer;
            }

            if (clock.Elapsed > GiveUp)
                throw new TimeoutException($"{batch.Key} had no success in {GiveUp}; last answer: {answer?.Status} {answer?.Body}");
            await Task.Delay(Math.Min(20 + (attempt * 10), 200));
        }
    }

    private async Task<IngestAnswer?> TryOnceAsync(NumberedBatch batch, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1.0/logs") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(_style.Clef ? "application/vnd.serilog.clef" : "application/x-ndjson");
        if (_style.Keyed)
            request.Headers.Add("Idempotency-Key", $"\"{batch.Key}\"");
        try
        {
            // The header of the answer is the promise; a body that is cut after it takes nothing back.
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var replayed = response.Headers.Contains("Idempotency-Replayed");
            return new IngestAnswer((int)response.StatusCode, await BodyOrNothingAsync(response), replayed);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return null;
        }
    }

    private static async Task<string> BodyOrNothingAsync(HttpResponseMessage response)
    {
        try
        {
            return await response.Content.ReadAsStringAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return "";
        }
    }
}

/// <summary>An answer to an ingest request.</summary>
internal sealed record IngestAnswer(int Status, string Body, bool Replayed)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Refusals that pass: the server is full, stopping, or asks to slow down. Anything else is a mistake, a 500 too.</summary>
    public bool MayBeRepeated => Status is 429 or 503;

    /// <summary>Only this problem type leaves it open whether the events were kept.</summary>
    public bool OutcomeUnknown => Status == 503 && (Body.Length == 0 || Body.Contains("outcome-unknown", StringComparison.Ordinal));

    public string? Receipt
    {
        get
        {
            if (!IsSuccess || Body.Length == 0)
                return null;
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.TryGetProperty("receipt", out var receipt) ? receipt.GetString() : null;
        }
    }
}
