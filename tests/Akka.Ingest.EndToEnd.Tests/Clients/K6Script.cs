namespace Akka.Ingest.EndToEnd.Tests.Clients;

using Jint;
using Jint.Native;

/// <summary>
/// Runs a k6 script without k6: as much of its modules <c>k6</c>, <c>k6/http</c> and <c>k6/metrics</c> as smoke scripts use. Every virtual
/// user is a thread with an engine of its own, as in k6; requests are synchronous, as in k6.
/// </summary>
internal sealed class K6Script(string source, IReadOnlyDictionary<string, string> environment)
{
    private const string Core = """
        export function sleep(seconds) { __sleep(seconds) }
        export function group(name, body) { return body() }
        export function fail(reason) { throw new Error(reason) }
        export function check(value, checks) {
          let all = true;
          for (const name in checks) { const passed = !!checks[name](value); __check(name, passed); all = all && passed }
          return all;
        }
        """;

    private const string Http = """
        const answer = (r) => ({
          status: r.status, body: r.body, url: r.url, error: r.error, headers: JSON.parse(r.headers), timings: { duration: r.duration },
          json(path) { let v = JSON.parse(r.body); if (path) for (const p of path.split('.')) v = v === undefined || v === null ? undefined : v[p]; return v },
        });
        const call = (method, url, body, params) =>
          answer(__request(method, String(url), body === undefined || body === null ? null : typeof body === 'string' ? body : JSON.stringify(body), JSON.stringify((params && params.headers) || {})));
        export const get = (url, params) => call('GET', url, null, params);
        export const del = (url, body, params) => call('DELETE', url, body, params);
        export const post = (url, body, params) => call('POST', url, body, params);
        export const put = (url, body, params) => call('PUT', url, body, params);
        export const request = call;
        export const expectedStatuses = () => ({});
        export const setResponseCallback = () => {};
        export default { get, del, post, put, request, expectedStatuses, setResponseCallback };
        """;

    private const string Metrics = """
        class Metric { constructor(name) { this.name = name } add(value) { __add(this.name, value === true ? 1 : value === false ? 0 : value) } }
        export { Metric as Counter, Metric as Gauge, Metric as Rate, Metric as Trend };
        """;

    /// <summary>Runs <paramref name="users"/> virtual users, each <paramref name="iterations"/> times, and then looks at the script's thresholds.</summary>
    public K6Summary Run(int users, int iterations)
    {
        using var http = new HttpClient();
        var samples = new K6Samples();
        using var first = Load(http, samples, user: 0);
        var main = first.Modules.Import("main");
        var data = Call(first, main, "setup") ?? JsValue.Undefined;
        var shared = data.IsUndefined() ? "undefined" : first.Invoke("__stringify", data).AsString();
        var failures = new List<Exception>();
        var threads = Enumerable.Range(1, users).Select(user => new Thread(() =>
        {
            try
            {
                RunUser(http, samples, user, iterations, shared);
            }
            catch (Exception e) when (e is Jint.Runtime.JavaScriptException or HttpRequestException or InvalidOperationException)
            {
                lock (failures)
                    failures.Add(e);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Call(first, main, "teardown", data);
        return failures.Count > 0 ? throw new AggregateException(failures) : samples.Summarize(Thresholds(main.Get("options")));
    }

    private void RunUser(HttpClient http, K6Samples samples, int user, int iterations, string shared)
    {
        using var engine = Load(http, samples, user);
        var main = engine.Modules.Import("main");
        var data = engine.Evaluate($"({shared})");
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            engine.SetValue("__ITER", iteration);
            engine.Invoke(main.Get("default"), data);
            samples.Add("iterations", 1);
        }
    }

    private Engine Load(HttpClient http, K6Samples samples, int user)
    {
        var engine = new Engine();
        engine.SetValue("__ENV", JsValue.FromObject(engine, environment.ToDictionary()));
        engine.SetValue("__VU", user);
        engine.SetValue("__ITER", 0);
        engine.SetValue("__stringify", new Func<JsValue, string>(value => engine.Invoke(engine.Evaluate("JSON.stringify"), value).AsString()));
        engine.SetValue("__sleep", new Action<double>(seconds => Task.Delay(TimeSpan.FromSeconds(seconds)).Wait()));
        engine.SetValue("__check", new Action<string, bool>(samples.Check));
        engine.SetValue("__add", new Action<string, double>(samples.Add));
        engine.SetValue("__request", new Func<string, string, string?, string, object>((method, url, body, headers) => K6Request.Send(http, samples, method, url, body, headers)));
        engine.Modules.Add("k6", Core);
        engine.Modules.Add("k6/http", Http);
        engine.Modules.Add("k6/metrics", Metrics);
        engine.Modules.Add("main", source);
        return engine;
    }

    private static JsValue? Call(Engine engine, Jint.Native.Object.ObjectInstance module, string name, params JsValue[] arguments) =>
        module.Get(name) is { } function && !function.IsUndefined() ? engine.Invoke(function, [.. arguments]) : null;

    private static List<(string Metric, string Expression)> Thresholds(JsValue options)
    {
        var found = new List<(string, string)>();
        if (options.IsUndefined() || options.Get("thresholds").IsUndefined())
            return found;
        foreach (var (name, property) in options.Get("thresholds").AsObject().GetOwnProperties())
        {
            foreach (var threshold in property.Value!.AsArray())
                found.Add((name.ToString(), threshold.IsString() ? threshold.AsString() : threshold.Get("threshold").AsString()));
        }

        return found;
    }
}
