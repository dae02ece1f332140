namespace Akka.Ingest.Hosting;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

/// <summary>Addresses and limits of the HTTP server.</summary>
internal static class IngestServer
{
    public const string DefaultUrl = "http://localhost:5341";
    private const double MinBodyBytesPerSecond = 240;
    private static readonly TimeSpan BodyGracePeriod = TimeSpan.FromSeconds(10);

    // The whole process has 10 s; what runs after the host has stopped needs a little of it.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(9);

    public static void AddIngestServer(this WebApplicationBuilder builder)
    {
        if (!HasAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopTimeout);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<StorageOptions>>((kestrel, storage) =>
        {
            kestrel.AddServerHeader = false;

            // BodyReader refuses at MaxPayloadBytes with an answer. Kestrel cuts the connection only far beyond it: a client that
            // is still sending would lose the answer with the connection.
            kestrel.Limits.MaxRequestBodySize = 4L * storage.Value.IngestionPipeline.MaxPayloadBytes;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(MinBodyBytesPerSecond, BodyGracePeriod);
        });
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        !string.IsNullOrWhiteSpace(configuration[WebHostDefaults.ServerUrlsKey])
        || !string.IsNullOrWhiteSpace(configuration[WebHostDefaults.HttpPortsKey])
        || !string.IsNullOrWhiteSpace(configuration[WebHostDefaults.HttpsPortsKey])
        || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
