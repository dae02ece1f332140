namespace Akka.Ingest.Delivery;

using Akka.Actor;
using Akka.Ingest.Hosting;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>Where each partition's delivery shows what it is doing.</summary>
public sealed class DeliveryStatuses(int partitions)
{
    /// <summary>One for each partition, in order.</summary>
    public IReadOnlyList<DeliveryStatus> All { get; } = [.. Enumerable.Range(0, partitions).Select(partition => new DeliveryStatus(partition))];
}

/// <summary>Registers what delivery needs beside the store, the journal reader, the clock and the logging.</summary>
public static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton(provider => DeliverySettings.From(Pipeline(provider)));
        services.AddSingleton(provider => new DeliveryStatuses(Pipeline(provider).Partitions));
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton(provider => new DeadLetterSink(
            Pipeline(provider).DeadLetterDirectory, provider.GetRequiredService<ILogger<DeadLetterSink>>()));
        services.AddSingleton<IDeadLetterIndex>(provider => provider.GetRequiredService<DeadLetterSink>());
        return services;
    }

    /// <summary>
    /// Starts the delivery of all partitions of a single node. Stop it with <see cref="DeliveryProtocol.StopAsync"/> before the
    /// spool, so that the last checkpoint still arrives.
    /// </summary>
    internal static IActorRef StartDelivery(this IActorRefFactory actors, IServiceProvider provider, IActorRef spool)
    {
        var services = new DeliveryServices(
            provider.GetRequiredService<ILogStore>(),
            spool,
            provider.GetRequiredService<ISpoolJournalReader>(),
            provider.GetRequiredService<DeadLetterSink>(),
            provider.GetRequiredService<DeliverySettings>(),
            provider.GetRequiredService<DeliveryMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Akka.Ingest.Delivery"));
        return actors.ActorOf(DeliveryGroupActor.Props(services, provider.GetRequiredService<DeliveryStatuses>().All), DeliveryGroupActor.Name);
    }

    private static IngestionPipelineOptions Pipeline(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline;
}
