namespace Akka.Ingest.Operations;

using System.Reflection;
using System.Text;
using Akka.Ingest.Hosting;
using Akka.Ingest.Http;
using Akka.Ingest.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;

/// <summary>Health, metrics, diagnostics, and what this is.</summary>
internal static class OperationsEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly byte[] About = Encoding.UTF8.GetBytes(
        $$"""{"service":"Akka.Ingest","version":"{{VersionOf(typeof(OperationsEndpoints).Assembly)}}","ingest":"POST /api/v1.0/logs","query":"GET /api/v1.0/logs","openapi":"/openapi/v1.json","health":"/health/ready"}""");

    private static readonly Lazy<byte[]> OpenApi = new(ReadOpenApi);

    public static IServiceCollection AddIngestOperations(this IServiceCollection services)
    {
        services.AddSingleton<PipelineProbe>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineProbe>());
        services.AddSingleton<EffectiveSettings>();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<StorageProbe>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageProbe>());
        services.TryAddSingleton<StoreMetrics>();
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<RetentionMetrics>();
        services.AddSingleton<RetentionRunner>();
        services.AddHostedService<RetentionWorker>();
        services.AddSingleton<LedgerReader>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(IngestMetrics.MeterName)
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        return services;
    }

    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder endpoints)
    {
        // Gauges exist once somebody has made them.
        _ = endpoints.ServiceProvider.GetRequiredService<StorageMetrics>();
        endpoints.MapHealth();
        endpoints.MapPrometheusScrapingEndpoint().RequireScope(ApiScopes.Admin);
        endpoints.MapDiagnostics();
        endpoints.MapMethods("/", Methods, (RequestDelegate)(context =>
            Answer.WriteAsync(context, StatusCodes.Status200OK, Answer.Json, About))).RequireScope(ApiScopes.None);
        endpoints.MapMethods("/openapi/v1.json", Methods, (RequestDelegate)(context =>
            Answer.WriteAsync(context, StatusCodes.Status200OK, Answer.Json, OpenApi.Value))).RequireScope(ApiScopes.None);
        return endpoints;
    }

    // Written by hand: endpoints on the hot path are plain delegates that a generator cannot look into.
    private static byte[] ReadOpenApi()
    {
        using var stream = typeof(OperationsEndpoints).Assembly.GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("The OpenAPI document is not in the assembly.");
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
