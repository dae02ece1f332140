namespace Akka.Ingest.Operations;

using System.Buffers;
using System.Text.Json;
using Akka.Ingest.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

/// <summary><c>GET /health/live</c> and <c>/health/ready</c>: no key needed.</summary>
internal static class HealthEndpoints
{
    private static readonly string[] Parts = ["process", "lease", "journal", "store", "queue"];
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapMethods("/health/live", Methods, (RequestDelegate)(context => Answer.WriteAsync(
            context, StatusCodes.Status200OK, Answer.Json, """{"status":"live"}"""u8)));
        endpoints.MapMethods("/health/ready", Methods, (RequestDelegate)(async context =>
            await WriteReadyAsync(context, await services.GetRequiredService<PipelineProbe>().GetAsync())));
        return endpoints;
    }

    private static Task WriteReadyAsync(HttpContext context, PipelineState state)
    {
        var ready = state.Problems.Count == 0;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, ready ? "ready"u8 : "not-ready"u8);
            json.WriteStartObject("checks"u8);
            foreach (var part in Parts)
                json.WriteString(part, state.Problems.FirstOrDefault(problem => problem.Part == part)?.Detail ?? "ok");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Answer.WriteAsync(
            context, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, Answer.Json, buffer.WrittenSpan);
    }
}
