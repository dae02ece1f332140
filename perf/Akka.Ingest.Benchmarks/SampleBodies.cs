namespace Akka.Ingest.Benchmarks;

using System.Globalization;
using System.Text;

/// <summary>Made-up request bodies of events of about 280 bytes.</summary>
internal static class SampleBodies
{
    public static readonly DateTime ReceivedAt = new(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);

    public static byte[] Native(int events, bool secrets = false) => Join(events, i => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"timestamp":"2026-11-24T08:00:{{{i % 60:00}}}.{{{i % 1000:000}}}Z","level":"info","message":"Request finished GET /orders/{{{i * 7919}}} in {{{i % 97}}}.{{{i % 10}}} ms","source":"shop","host":"web-{{{i % 4}}}","properties":{"requestId":"0HN{{{i * 104729:X8}}}","status":{{{200 + (i % 3)}}},"elapsed":{{{i % 97}}}.{{{i % 10}}},"{{{(secrets ? "apiKey" : "userId")}}}":"u{{{i % 500}}}","path":"/orders/{{{i * 7919}}}"}}"""));

    public static byte[] Clef(int events) => Join(events, i => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"@t":"2026-11-24T08:00:{{{i % 60:00}}}.{{{i % 1000:000}}}0000Z","@mt":"Request finished {Method} {Path} in {Elapsed} ms","@tr":"0af7651916cd43dd8448eb211c80319c","@sp":"b7ad6b7169203331","Method":"GET","Path":"/orders/{{{i * 7919}}}","Elapsed":{{{i % 97}}}.{{{i % 10}}},"SourceContext":"Shop.Orders","MachineName":"web-{{{i % 4}}}"}"""));

    private static byte[] Join(int events, Func<int, string> line) =>
        Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, events).Select(line)));
}
