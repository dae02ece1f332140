using System.Diagnostics;
using System.Text;
using Akka.Ingest.Hosting;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;

var now = new DateTime(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);
var parser = new EventParser(new Redactor(new RedactionOptions()), 1 << 20);
if (args[0] == "check")
{
    foreach (var f in Directory.GetFiles(args[1], "*.ndjson"))
    {
        var o = parser.Parse(EventFormat.Native, File.ReadAllBytes(f), now, InvalidEvents.Refuse);
        Console.WriteLine($"{Path.GetFileName(f)} {o.Block?.EventCount} {o.Error?.Detail}");
    }
    foreach (var f in Directory.GetFiles(args[1] + "/clef"))
    {
        var o = parser.Parse(EventFormat.SeqRaw, File.ReadAllBytes(f), now, InvalidEvents.Refuse);
        Console.WriteLine($"{Path.GetFileName(f)} {o.Block?.EventCount} {o.Error?.Detail}");
    }
    int bad = 0;
    foreach (var f in Directory.GetFiles(args[1] + "/json-parsing"))
    {
        var body = Encoding.UTF8.GetBytes("{\"message\":\"m\",\"properties\":{\"v\":").Concat(File.ReadAllBytes(f)).Concat("}}"u8.ToArray()).ToArray();
        foreach (var mode in new[] { InvalidEvents.Refuse, InvalidEvents.DeadLetter })
        {
            var o = parser.Parse(EventFormat.Native, body, now, mode);
            var ok = o.Block is { RejectedCount: 0 };
            var name = Path.GetFileName(f);
            if (name[0] == 'y' && !ok || name[0] == 'n' && ok) { bad++; Console.WriteLine($"{name} {mode} {ok} {o.Error}"); }
        }
    }
    Console.WriteLine($"json-parsing mistakes {bad}");
    return 0;
}
foreach (var f in args[1..])
{
    var data = File.ReadAllBytes(f);
    var fmt = args[0] == "clef" ? EventFormat.Clef : EventFormat.Native;
    long best = long.MaxValue; int n = 0; long alloc = 0;
    for (var i = 0; i < 60; i++)
    {
        var a = GC.GetAllocatedBytesForCurrentThread();
        var t = Stopwatch.GetTimestamp();
        var o = parser.Parse(fmt, data, now, InvalidEvents.Refuse);
        t = Stopwatch.GetTimestamp() - t;
        alloc = GC.GetAllocatedBytesForCurrentThread() - a;
        best = Math.Min(best, t); n = o.Block!.EventCount; o.Block.Dispose();
    }
    Console.WriteLine($"{Path.GetFileName(f)} {n} events {data.Length / n} B: {best * 1e9 / Stopwatch.Frequency / n:F0} ns/event, {data.Length / (best * 1e6 / Stopwatch.Frequency):F0} MB/s, alloc {alloc} B");
}
return 0;
