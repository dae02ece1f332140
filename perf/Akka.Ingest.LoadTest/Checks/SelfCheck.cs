namespace Akka.Ingest.LoadTest.Checks;

using System.Text;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Scenarios;
using Akka.Ingest.LoadTest.Server;

/// <summary>Checks of the instrument itself, before its figures are believed. Takes about ten seconds.</summary>
internal static class SelfCheck
{
    /// <returns>The process exit code: 0 = all hold.</returns>
    public static async Task<int> RunAsync()
    {
        var failed = 0;
        void Check(string what, bool holds)
        {
            Console.WriteLine($"{(holds ? "PASS" : "MISS")}    {what}");
            failed += holds ? 0 : 1;
        }

        await StallIsChargedAsync(Check);
        CheckResponses(Check);
        Check("a metric's series are added up", ServerMetrics.Sum("# HELP q x\nq{p=\"0\"} 2\nq{p=\"1 }\"} 3 1700000000000\nq_size 9\n", "q") == 5);
        return failed == 0 ? 0 : 1;
    }

    /// <summary>A server that stalls for a second must show in the percentiles, though only one request a connection met the stall.</summary>
    private static async Task StallIsChargedAsync(Action<string, bool> check)
    {
        using var stub = new StubServer(port: 0);
        var options = new LoadOptions { Url = stub.Url, Batch = 10, Rate = 20_000, Connections = 4, Keyed = true };
        using var generator = new LoadGenerator(options);
        await generator.RunAsync(TimeSpan.FromSeconds(1));
        var warm = stub.Requests;
        var load = generator.RunAsync(TimeSpan.FromSeconds(5));
        await Task.Delay(TimeSpan.FromSeconds(2));
        stub.Stall();
        await Task.Delay(TimeSpan.FromSeconds(1));
        stub.Resume();
        var (tally, _) = await load;
        var latency = LatencySummary.Of(tally.Latency);
        var service = LatencySummary.Of(tally.ServiceTime);
        Console.WriteLine($"stall of 1 s in 5 s: intended p50 {latency.P50} p90 {latency.P90} p99 {latency.P99} max {latency.Max} ms; service p99 {service.P99} max {service.Max} ms");
        check("every request was sent and answered once", tally.AcceptedRequests == 10_000 && stub.Requests - warm == 10_000 && tally.Unsent == 0);
        check("the answers' counts are read", tally is { MiscountedAnswers: 0, AcceptedEvents: 100_000 } && tally.Refusals.Count == 0);
        check("the stall is in the latency from the intended time (p90 above 400 ms, p99 above 900 ms)", latency.P90 > 400 && latency.P99 > 900);
        check("the service time alone would have hidden it (p99 below 100 ms)", service.P99 < 100 && service.Max > 900);
    }

    private static void CheckResponses(Action<string, bool> check)
    {
        check("a plain response is read", Body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 3) == "200 hello");
        check("a chunked response is read", Body("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 1) == "503 hello");
        check("a response without a body is read", Body("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", 7) == "204  closes");
    }

    private static string Body(string response, int stepBytes)
    {
        var bytes = Encoding.ASCII.GetBytes(response);
        var at = 0;
        var read = new HttpResponseReader().Read(target =>
        {
            var count = Math.Min(Math.Min(stepBytes, target.Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(target);
            at += count;
            return count;
        });
        return $"{read.Status} {Encoding.ASCII.GetString(read.Body)}{(read.Closes ? " closes" : "")}";
    }
}
