namespace Akka.Ingest.Http;

using Akka.Ingest.Hosting;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

/// <summary>The calls that bring events in.</summary>
internal static class IngestEndpoints
{
    /// <summary>parse → redact → admit; the spool is somebody else's.</summary>
    public static IServiceCollection AddIngestHttp(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new Redactor(provider.GetRequiredService<IOptions<RedactionOptions>>().Value));
        services.AddSingleton(provider => new EventParser(
            provider.GetRequiredService<Redactor>(), PipelineOf(provider).MaxEventBytes));
        services.AddSingleton(provider => new InFlightBudget(BudgetBytes(PipelineOf(provider)), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ApiKeyRing>();
        services.AddSingleton<ApiKeyGate>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<RequestLimiter>();
        services.AddSingleton<IngestAdmission>();
        services.AddSingleton<ReceiptExpiry>();
        services.AddSingleton<ReceiptEndpoint>();
        return services;
    }

    public static IEndpointRouteBuilder MapIngestCalls(this IEndpointRouteBuilder endpoints)
    {
        // Resolved with the first request, when everything has started, and only once: the hot path asks no container.
        var services = endpoints.ServiceProvider;
        var admission = new Lazy<IngestAdmission>(services.GetRequiredService<IngestAdmission>);
        var receipts = new Lazy<ReceiptEndpoint>(services.GetRequiredService<ReceiptEndpoint>);
        var native = new NativeFront();
        var seq = new SeqFront();
        endpoints.MapPost("/api/v1.0/logs", (RequestDelegate)(context => admission.Value.HandleAsync(context, native)));
        endpoints.MapPost("/ingest/clef", (RequestDelegate)(context => admission.Value.HandleAsync(context, seq)));
        endpoints.MapPost("/api/events/raw", (RequestDelegate)(context => admission.Value.HandleAsync(context, seq)));
        endpoints.MapGet(ReceiptEndpoint.Pattern, (RequestDelegate)(context => receipts.Value.HandleAsync(context)))
            .RequireScope(ApiScopes.Ingest);
        return endpoints;
    }

    // The largest body must always find room, the buffer it grows out of included.
    private static long BudgetBytes(IngestionPipelineOptions pipeline) =>
        Math.Max(pipeline.MaxInFlightBytes, 4L * pipeline.MaxPayloadBytes);

    private static IngestionPipelineOptions PipelineOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline;
}
