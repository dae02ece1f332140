namespace Akka.Ingest.Query;

using System.IO.Pipelines;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Http;

/// <summary>Writes answers straight into the response's buffers; an event's bytes are copied once and never become strings.</summary>
internal static class LogAnswerWriter
{
    private const int FlushBytes = 64 * 1024;

    /// <summary><c>{"events":[…],"nextCursor":…,"plan":{…}}</c>, and <c>followCursor</c> with order=received.</summary>
    public static async Task WritePageAsync(HttpContext context, LogPage page, LogQueryPlan plan, string provider)
    {
        var body = Begin(context);
        await using var json = new Utf8JsonWriter(body, EventJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("events"u8);
        foreach (var stored in page.Events)
        {
            WriteEvent(json, stored);
            if (json.BytesPending >= FlushBytes)
            {
                json.Flush();
                await body.FlushAsync(context.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteString("nextCursor"u8, page.NextCursor);
        if (plan.Order == LogOrder.Received)
            json.WriteString("followCursor"u8, page.FollowCursor);
        WritePlan(json, page, plan, provider);
        json.WriteEndObject();
        await FinishAsync(context, json, body);
    }

    public static async Task WriteEventAsync(HttpContext context, StoredEvent stored)
    {
        var body = Begin(context);
        await using var json = new Utf8JsonWriter(body, EventJson.WriterOptions);
        WriteEvent(json, stored);
        await FinishAsync(context, json, body);
    }

    public static async Task WriteCountAsync(HttpContext context, long count)
    {
        var body = Begin(context);
        await using var json = new Utf8JsonWriter(body, EventJson.WriterOptions);
        json.WriteStartObject();
        json.WriteNumber("count"u8, count);
        json.WriteEndObject();
        await FinishAsync(context, json, body);
    }

    public static async Task WriteHistogramAsync(HttpContext context, LogHistogram histogram)
    {
        var body = Begin(context);
        await using var json = new Utf8JsonWriter(body, EventJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("buckets"u8);
        foreach (var bucket in histogram.Buckets)
        {
            json.WriteStartObject();
            json.WriteString("from"u8, Rfc3339.Format(bucket.From.Ticks));
            json.WriteString("to"u8, Rfc3339.Format(bucket.To.Ticks));
            json.WriteNumber("total"u8, bucket.BySeverity.Sum());
            json.WriteStartObject("levels"u8);
            foreach (var severity in LevelSet.All.Severities)
                json.WriteNumber(SeverityNames.Utf8(severity), bucket.BySeverity[(int)severity]);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await FinishAsync(context, json, body);
    }

    private static void WriteEvent(Utf8JsonWriter json, StoredEvent stored) =>
        EventJson.Write(json, EventRecord.Read(stored.Record.Span), stored.Id, stored.ReceivedAt, stored.ApiKeyId);

    // How the query was carried out, for people who wonder why it is slow or empty.
    private static void WritePlan(Utf8JsonWriter json, LogPage page, LogQueryPlan plan, string provider)
    {
        json.WriteStartObject("plan"u8);
        json.WriteString("provider"u8, provider);
        json.WriteStartArray("indexes"u8);
        foreach (var index in page.Indexes)
            json.WriteStringValue(index);
        json.WriteEndArray();
        json.WriteString("from"u8, plan.FromTicks == long.MinValue ? null : Rfc3339.Format(plan.FromTicks));
        json.WriteString("to"u8, plan.ToTicks == long.MaxValue ? null : Rfc3339.Format(plan.ToTicks));
        json.WriteStartArray("levels"u8);
        foreach (var severity in plan.Levels.Severities)
            json.WriteStringValue(SeverityNames.Utf8(severity));
        json.WriteEndArray();
        json.WriteString("filter"u8, plan.Residual is FilterNode.Constant { Value: true } ? null : plan.Residual.ToString());
        json.WriteStartArray("hints"u8);
        foreach (var hint in plan.Hints)
            json.WriteStringValue(hint.ToString());
        json.WriteEndArray();
        json.WriteBoolean("hintsComplete"u8, plan.AreHintsComplete);
        json.WriteString("order"u8, plan.Order switch
        {
            LogOrder.Ascending => "asc",
            LogOrder.Received => "received",
            _ => "desc",
        });
        json.WriteNumber("limit"u8, plan.Limit);
        json.WriteNumber("scanned"u8, page.ScannedEvents);
        json.WriteEndObject();
    }

    private static PipeWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.BodyWriter;
    }

    private static async Task FinishAsync(HttpContext context, Utf8JsonWriter json, PipeWriter body)
    {
        json.Flush();
        await body.FlushAsync(context.RequestAborted);
    }
}
