namespace Akka.Ingest.EndToEnd.Tests.Clients;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>The shipped k6 script does what it says against a real server, and its thresholds hold.</summary>
public sealed class K6SmokeTests(ITestOutputHelper output) : EndToEndTest(output)
{
    [Fact]
    public async Task The_smoke_script_passes_its_own_checks_and_thresholds()
    {
        var server = await StartServerAsync();
        var url = server.Url.ToString().TrimEnd('/');
        var script = new K6Script(
            await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "perf", "k6", "ingest-smoke.js")),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["BASE_URL"] = url });

        var summary = script.Run(users: 2, iterations: 10);

        Output.WriteLine($"{summary.Requests} requests, {summary.ChecksPassed} checks passed");
        foreach (var threshold in summary.Thresholds)
            Output.WriteLine(threshold.ToString());
        Assert.Empty(summary.FailedChecks);
        Assert.True(summary.ChecksPassed > 0);
        Assert.NotEmpty(summary.Thresholds);
        Assert.All(summary.Thresholds, threshold => Assert.True(threshold.Holds, threshold.ToString()));
    }

    /// <summary>A runner that lets everything pass would prove nothing.</summary>
    [Fact]
    public void Failed_checks_and_broken_thresholds_are_reported()
    {
        const string Script = """
            import http from 'k6/http';
            import { check, sleep } from 'k6';
            import { Counter } from 'k6/metrics';
            const seen = new Counter('seen');
            export const options = { thresholds: { http_req_failed: ['rate<0.01'], checks: ['rate>0.9'], seen: ['count==2'] } };
            export default function () {
              const r = http.post(`${__ENV.BASE_URL}/nowhere`, JSON.stringify({ a: 1 }), { headers: { 'Content-Type': 'application/json' } });
              check(r, { 'is 200': (x) => x.status === 200 });
              seen.add(1);
              sleep(0.01);
            }
            """;
        var nobody = $"http://127.0.0.1:{FreePort.Next()}";

        var summary = new K6Script(Script, new Dictionary<string, string>(StringComparer.Ordinal) { ["BASE_URL"] = nobody }).Run(users: 2, iterations: 1);

        Assert.Equal(2, summary.FailedChecks["is 200"]);
        Assert.Equal([false, false, true], summary.Thresholds.Select(threshold => threshold.Holds));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Akka.Ingest.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder.FullName;
    }
}
