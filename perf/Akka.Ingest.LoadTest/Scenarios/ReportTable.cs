namespace Akka.Ingest.LoadTest.Scenarios;

using System.Globalization;
using Akka.Ingest.LoadTest.Baselines;

/// <summary>The result for people.</summary>
internal static class ReportTable
{
    public static void WriteLoad(LoadResult result)
    {
        var (load, client, server, delivery) = (result.Load, result.Client, result.Server, result.Delivery);
        Line("events", $"{load.Events.Source}, {load.Events.MeanBytes} bytes, zstd-3 {load.Events.Zstd3Ratio}:1, LZ4 {load.Events.Lz4Ratio}:1");
        Line("accepted", $"{client.AcceptedEventsPerSecond:N0} events/s, {client.AcceptedRequestsPerSecond:N1} requests/s, {client.MegabytesPerSecond} MB/s ({load.Loop} loop)");
        Line("latency ms", Percentiles(client.LatencyMs) + (load.Loop == "open" ? "   (from the intended send time)" : "   (closed loop: from the send)"));
        if (load.Loop == "open")
            Line("service time ms", Percentiles(client.ServiceTimeMs));
        Line("refused or lost", client.Refusals.Count == 0 ? "none" : string.Join(", ", client.Refusals.Select(refusal => $"{refusal.Key}: {refusal.Value:N0}")));
        foreach (var (kind, sample) in client.RefusalSamples)
            Line("", $"{kind}: {sample.ReplaceLineEndings(" ")}");
        if (client.UnsentRequests > 0)
            Line("unsent", $"{client.UnsentRequests:N0} requests were due and could not be sent until 1 s after the end (their lateness is in the latency)");
        if (client.MiscountedAnswers > 0)
            Line("miscounted", $"{client.MiscountedAnswers:N0} answers state another count than was sent");
        Line("server CPU", $"{Known(server.CpuMicrosecondsPerEventToAck)} us/event to the last answer, {Known(server.CpuMicrosecondsPerEventToDrained)} until drained; {Known(server.CpuCoresDuringLoad)} cores");
        Line("  by thread", string.Join(", ", server.CpuMicrosecondsPerEventByThread.Take(7).Select(thread => $"{thread.Key} {thread.Value}")));
        Line("client CPU", $"{client.ClientCpuMicrosecondsPerEvent} us/event; others used {server.OthersCpuShare:P1} of the machine");
        Line("server memory", $"{Known(server.RssStartMb)} MB before, peak {Known(server.PeakRssMb)} MB{(server.PeakWasReset ? "" : " (of its whole life)")}");
        Line("backlog", $"{Known(delivery.BacklogAtStart)} at start, {Known(delivery.BacklogAtEnd)} at end, largest {Known(delivery.BacklogMax)}, growth {Known(delivery.GrowthPerSecond)} events/s");
        Line("stored", $"{Known(delivery.StoredEventsPerSecond)} events/s under load; drained after {Known(delivery.DrainedAfterSeconds)} s ({Known(delivery.DrainEventsPerSecond)} events/s)");
        Line("disk", $"spool {delivery.SpoolMbAtEndOfLoad} MB at the end of the load (largest {delivery.SpoolMbMax}, drained {delivery.SpoolMbAtEnd}), {Known(delivery.SpoolBytesPerEvent)} bytes/event; store {Known(delivery.StoreBytesPerEvent)} bytes/event; written {Known(server.DiskWriteBytesPerEvent)} bytes/event");
        if (delivery.CountedAgainstAccepted is { } difference)
            Line("count", difference == 0 ? "stored = accepted" : $"stored - accepted = {difference}");
    }

    public static void WriteBaseline(LoadResult result)
    {
        var baseline = result.Baseline!;
        Line("baseline", $"{baseline.EventsPerSecond:N0} events/s: {baseline.How} ({baseline.Events:N0} rows, {StoreBaseline.BatchSize:N0} a transaction)");
        Line("end to end", $"{Known(result.StoredEventsPerSecondEndToEnd)} events/s, {Known(result.StoredEventsPerSecondEndToEnd / baseline.EventsPerSecond * 100)} % of it");
    }

    public static void WriteBars(IReadOnlyList<Bar> bars)
    {
        if (bars.Count > 0)
            Console.WriteLine();
        foreach (var bar in bars)
            Console.WriteLine($"{bar.Verdict,-7} {bar.What}: {Known(bar.Figure)} {bar.Unit} ({(bar.AtLeast ? "at least" : "at most")} {bar.Limit.ToString("#,0.##", CultureInfo.InvariantCulture)})");
    }

    private static string Percentiles(LatencySummary latency) =>
        $"p50 {latency.P50}  p90 {latency.P90}  p95 {latency.P95}  p99 {latency.P99}  p99.9 {latency.P999}  max {latency.Max}";

    private static string Known(double? figure) => figure?.ToString("#,0.##", CultureInfo.InvariantCulture) ?? "?";

    private static void Line(string name, string text) => Console.WriteLine($"  {name,-16} {text}");
}
