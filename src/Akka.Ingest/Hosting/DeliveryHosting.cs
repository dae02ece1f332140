namespace Akka.Ingest.Hosting;

using Akka.Actor;
using Akka.Hosting;
using Akka.Ingest.Delivery;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>Puts delivery together: one graph for each partition, and the dead letters.</summary>
internal static class DeliveryHosting
{
    // The graphs have 8 s for the write under way; the whole process has 10.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(9);

    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton(provider => new DeadLetterSink(
            Pipeline(provider).DeadLetterDirectory, provider.GetRequiredService<ILogger<DeadLetterSink>>()));
        services.AddSingleton<IDeadLetterIndex>(provider => provider.GetRequiredService<DeadLetterSink>());
        services.AddSingleton<IDeadLetterRetention>(provider => provider.GetRequiredService<DeadLetterSink>());
        services.AddSingleton<IReadOnlyList<DeliveryStatus>>(provider =>
            [.. Enumerable.Range(0, Pipeline(provider).Partitions).Select(partition => new DeliveryStatus(partition))]);
        return services.AddHostedService<StoreOpening>();
    }

    /// <summary>Starts the graphs; a stop drains them before the spool takes its last snapshots.</summary>
    public static AkkaConfigurationBuilder AddDelivery(this AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithActors((system, registry) =>
        {
            var services = new DeliveryServices(
                provider.GetRequiredService<ILogStore>(),
                registry.Get<SpoolPartitions>(),
                provider.GetRequiredService<ISpoolJournalReader>(),
                provider.GetRequiredService<DeadLetterSink>(),
                DeliverySettings.From(Pipeline(provider)),
                provider.GetRequiredService<DeliveryMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                Random.Shared,
                provider.GetRequiredService<ILoggerFactory>().CreateLogger("Akka.Ingest.Delivery"));
            var statuses = provider.GetRequiredService<IReadOnlyList<DeliveryStatus>>();
            var delivery = system.ActorOf(DeliveryGroupActor.Props(services, statuses), DeliveryGroupActor.Name);
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "stop-delivery", async () =>
            {
                await DeliveryProtocol.StopAsync(delivery, StopTimeout);
                return Done.Instance;
            });
        });

    private static IngestionPipelineOptions Pipeline(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline;
}
