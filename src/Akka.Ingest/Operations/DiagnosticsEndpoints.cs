namespace Akka.Ingest.Operations;

using System.Text.Json;
using Akka.Ingest.Delivery;
using Akka.Ingest.Hosting;
using Akka.Ingest.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

/// <summary>What operators ask under <c>/api/v1.0/diagnostics</c>. Scope <c>admin</c>.</summary>
internal static class DiagnosticsEndpoints
{
    public static IEndpointRouteBuilder MapDiagnostics(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var showPlaces = services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        var group = endpoints.MapGroup("/api/v1.0/diagnostics").RequireScope(ApiScopes.Admin);
        group.MapGet("/pipeline", (RequestDelegate)(async context =>
        {
            var state = await services.GetRequiredService<PipelineProbe>().GetAsync();
            var deliveries = services.GetRequiredService<IReadOnlyList<DeliveryStatus>>();
            await DiagnosticsAnswer.WriteAsync(context, json => WritePipeline(json, state, deliveries));
        }));
        group.MapGet("/configuration", (RequestDelegate)(context =>
            DiagnosticsAnswer.WriteAsync(context, json => services.GetRequiredService<EffectiveSettings>().Write(json, showPlaces))));
        group.MapStorage(services);
        group.MapRetention(services);
        group.MapLedger(services);
        return endpoints;
    }

    private static void WritePipeline(Utf8JsonWriter json, PipelineState state, IReadOnlyList<DeliveryStatus> deliveries)
    {
        json.WriteStartObject();
        json.WriteString("at"u8, state.At);
        json.WriteStartArray("partitions"u8);
        foreach (var partition in state.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("partition"u8, partition.Partition);
            json.WriteString("spoolId"u8, partition.SpoolId);
            json.WriteStartObject("journal"u8);
            json.WriteNumber("sequence"u8, partition.HeadSequence);
            json.WriteNumber("ordinal"u8, partition.HeadOrdinal);
            json.WriteEndObject();
            json.WriteStartObject("stored"u8);
            json.WriteNumber("sequence"u8, partition.Stored.Offset.Sequence);
            json.WriteNumber("index"u8, partition.Stored.Offset.Index);
            json.WriteNumber("ordinal"u8, partition.Stored.Ordinal);
            json.WriteEndObject();
            json.WriteNumber("backlog"u8, partition.Backlog);
            if (partition.OldestUnstoredAt is { } oldest)
                json.WriteNumber("oldestAgeSeconds"u8, Math.Round(Math.Max(0, (state.At - oldest).TotalSeconds), 3));
            else
                json.WriteNull("oldestAgeSeconds"u8);
            if (partition.Partition < deliveries.Count)
                WriteWriter(json, deliveries[partition.Partition].Current);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("problems"u8);
        foreach (var problem in state.Problems)
        {
            json.WriteStartObject();
            json.WriteString("part"u8, problem.Part);
            json.WriteString("detail"u8, problem.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteWriter(Utf8JsonWriter json, DeliverySnapshot delivery)
    {
        json.WriteString("writer"u8, delivery.State.ToString().ToLowerInvariant());
        json.WriteNumber("retries"u8, delivery.Retries);
        json.WriteNumber("restarts"u8, delivery.Restarts);
        json.WriteNumber("lastWriteMs"u8, Math.Round(delivery.LastWriteDuration.TotalMilliseconds, 3));
        json.WriteString("lastError"u8, delivery.LastError);
        if (delivery.LastErrorAt is { } at)
            json.WriteString("lastErrorAt"u8, at);
        else
            json.WriteNull("lastErrorAt"u8);
    }
}
