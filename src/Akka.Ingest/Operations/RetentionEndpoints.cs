namespace Akka.Ingest.Operations;

using System.Text.Json;
using Akka.Ingest.Delivery;
using Akka.Ingest.Hosting;
using Akka.Ingest.Http;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

/// <summary><c>GET /retention</c>: what would be removed. <c>POST /retention/run</c>: the same with <c>"dryRun":true</c>, else a run.</summary>
internal static class RetentionEndpoints
{
    /// <summary>A longer run is answered with 202 and what it has removed so far; it goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const int MaxBodyBytes = 4_096;

    public static void MapRetention(this IEndpointRouteBuilder group, IServiceProvider services)
    {
        group.MapGet("/retention", (RequestDelegate)(context => WritePlanAsync(context, services)));
        group.MapPost("/retention/run", (RequestDelegate)(async context =>
        {
            if (await ReadDryRunAsync(context) is not { } isDryRun)
                await ProblemAnswer.WriteAsync(context, new IngestError(IngestErrorKind.InvalidContent, """The body must be empty or a JSON object {"dryRun":true|false}."""));
            else if (isDryRun)
                await WritePlanAsync(context, services);
            else
                await RunAsync(context, services);
        }));
    }

    private static async Task WritePlanAsync(HttpContext context, IServiceProvider services)
    {
        var runner = services.GetRequiredService<RetentionRunner>();
        try
        {
            var plan = await runner.PlanAsync(context.RequestAborted);
            await DiagnosticsAnswer.WriteAsync(context, json => WritePlan(json, plan, Options(services), runner.Last));
        }
        catch (StoreException exception)
        {
            await DiagnosticsAnswer.WriteStoreAwayAsync(context, exception);
        }
    }

    private static async Task RunAsync(HttpContext context, IServiceProvider services)
    {
        if (!Options(services).Enabled)
        {
            await ProblemAnswer.WriteConflictAsync(context, "Storage:Retention:Enabled is false: nothing is ever deleted. Ask with {\"dryRun\":true} for what would be.");
            return;
        }

        var runner = services.GetRequiredService<RetentionRunner>();
        var running = runner.RunAsync();
        var time = services.GetRequiredService<TimeProvider>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await Task.WhenAny(running, Task.Delay(Patience, time, patience.Token));
        await patience.CancelAsync();
        if (runner.Last is { } run)
        {
            var status = running.IsCompleted ? run.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable : StatusCodes.Status202Accepted;
            await DiagnosticsAnswer.WriteAsync(context, json => WriteRun(json, run), status);
        }
    }

    private static RetentionOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<StorageOptions>>().Value.Retention;

    /// <summary>Null for a body that is neither empty nor what is asked for.</summary>
    private static async Task<bool?> ReadDryRunAsync(HttpContext context)
    {
        if (context.Request.ContentLength is 0 or null && !context.Request.Headers.ContainsKey("Transfer-Encoding"))
            return false;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBodyBytes;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (!document.RootElement.TryGetProperty("dryRun", out var dryRun))
                return false;
            return dryRun.ValueKind is JsonValueKind.True or JsonValueKind.False ? dryRun.GetBoolean() : null;
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static void WritePlan(Utf8JsonWriter json, RetentionPlan plan, RetentionOptions options, RetentionRun? last)
    {
        json.WriteStartObject();
        json.WriteString("at"u8, plan.At);
        json.WriteBoolean("enabled"u8, options.Enabled);
        DiagnosticsAnswer.WriteNumber(json, "maxAgeDays"u8, options.MaxAgeDays);
        DiagnosticsAnswer.WriteNumber(json, "maxSizeBytes"u8, options.MaxSizeBytes);
        DiagnosticsAnswer.WriteNumber(json, "deadLetterMaxAgeDays"u8, options.DeadLetterMaxAgeDays);
        json.WriteStartObject("held"u8);
        json.WriteNumber("days"u8, plan.Days.Count);
        json.WriteNumber("events"u8, plan.Days.Sum(day => day.Events));
        json.WriteNumber("bytes"u8, plan.Days.Sum(day => day.Bytes));
        json.WriteEndObject();
        WriteSteps(json, plan);
        json.WritePropertyName("lastRun"u8);
        if (last is null)
            json.WriteNullValue();
        else
            WriteRun(json, last);
        json.WriteEndObject();
    }

    private static void WriteSteps(Utf8JsonWriter json, RetentionPlan plan)
    {
        json.WriteStartArray("remove"u8);
        foreach (var step in plan.Steps)
        {
            json.WriteStartObject();
            json.WriteString("day"u8, step.Day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("events"u8, step.Events);
            json.WriteNumber("bytes"u8, step.Bytes);
            json.WriteBoolean("wholeDay"u8, step.IsWholeDay);
            json.WriteString("reason"u8, step.Reason == RetentionReason.Age ? "age"u8 : "size"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteDeadLetters(json, plan.DeadLetters);
    }

    private static void WriteRun(Utf8JsonWriter json, RetentionRun run)
    {
        json.WriteStartObject();
        json.WriteString("state"u8, run.EndedAt is null ? "running"u8 : run.Failure is null ? "done"u8 : "failed"u8);
        json.WriteString("startedAt"u8, run.StartedAt);
        if (run.EndedAt is { } endedAt)
            json.WriteString("endedAt"u8, endedAt);
        else
            json.WriteNull("endedAt"u8);
        json.WriteNumber("events"u8, run.Events);
        json.WriteNumber("bytes"u8, run.Bytes);
        json.WriteNumber("days"u8, run.Days);
        WriteDeadLetters(json, run.DeadLetters);
        json.WriteString("failure"u8, run.Failure);
        json.WriteEndObject();
    }

    private static void WriteDeadLetters(Utf8JsonWriter json, DeadLetterFiles letters)
    {
        json.WriteStartObject("deadLetters"u8);
        json.WriteNumber("files"u8, letters.Files);
        json.WriteNumber("events"u8, letters.Events);
        json.WriteNumber("bytes"u8, letters.Bytes);
        json.WriteEndObject();
    }
}
