namespace Akka.Ingest.Hosting;

using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Ingest.Spool;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>Puts the spool together: services for the HTTP side and delivery, and the actors with their journal.</summary>
public static class SpoolHosting
{
    /// <summary>How long a stop waits for the last snapshots.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(7);

    /// <summary>Registers <see cref="ILogIngestionQueue"/>, <see cref="ISpoolJournalReader"/>, <see cref="BacklogGate"/> and the journal file.</summary>
    public static IServiceCollection AddSpool(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
        {
            var storage = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            return new SpoolJournal(
                Path.Combine(storage.Path, "spool"), storage.IngestionPipeline.Partitions, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(provider => new BacklogGate(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CorruptEntries(
            Path.Combine(provider.GetRequiredService<SpoolJournal>().Folder, "corrupt"), provider.GetRequiredService<ILogger<CorruptEntries>>()));
        services.AddSingleton<ISpoolJournalReader>(provider => new SpoolJournalReader(
            provider.GetRequiredService<ActorSystem>, provider.GetRequiredService<CorruptEntries>()));
        services.AddSingleton<ISpoolJournalTrim, SpoolJournalTrim>();
        services.AddSingleton<ILogIngestionQueue>(provider =>
        {
            var spool = new Lazy<IActorRef>(() => provider.GetRequiredService<IRequiredActor<SpoolPartitions>>().ActorRef);
            var pipeline = provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline;
            return new SpoolClient(
                () => spool.Value,
                pipeline.Partitions,
                provider.GetRequiredService<BacklogGate>(),
                provider.GetRequiredService<TimeProvider>(),
                new SpoolClientLimits(TimeSpan.FromMilliseconds(pipeline.MaxHoldMs), SpoolClientLimits.DefaultAnswerTimeout));
        });
        return services;
    }

    /// <summary>Journal, snapshots and partitions in the actor system. Opens and checks the journal file at once.</summary>
    /// <exception cref="SpoolConfigurationException">The journal file does not go with the settings.</exception>
    public static AkkaConfigurationBuilder AddSpool(this AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        var journal = provider.GetRequiredService<SpoolJournal>();
        journal.Initialize();
        return builder
            .AddSpoolJournal(journal)
            .WithActors((system, registry) =>
            {
                var spool = system.ActorOf(PartitionProps(provider, journal), "spool");
                registry.Register<SpoolPartitions>(spool);
                CoordinatedShutdown.Get(system).AddTask(
                    CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "stop-spool", () => StopAsync(spool));
            });
    }

    /// <summary>Only the journal: HOCON, serializer, connections.</summary>
    internal static AkkaConfigurationBuilder AddSpoolJournal(this AkkaConfigurationBuilder builder, SpoolJournal journal) => builder
        .AddHocon(JournalConfig(), HoconAddMode.Prepend)
        .AddHocon(SqlPersistence.DefaultConfiguration, HoconAddMode.Append)
        .AddSetup(ConnectionSetup(journal));

    /// <summary><c>hocon/akka.ingest.conf</c>, with the provider that only the code knows.</summary>
    internal static Config JournalConfig() => ConfigurationFactory.ParseString(
        $$"""
        akka.persistence.journal.sql.provider-name = "{{SpoolJournal.ProviderName}}"
        akka.persistence.snapshot-store.sql.provider-name = "{{SpoolJournal.ProviderName}}"
        akka.persistence.query.journal.sql.provider-name = "{{SpoolJournal.ProviderName}}"
        """).WithFallback(ConfigurationFactory.FromResource("akka.ingest.conf", typeof(SpoolHosting).Assembly));

    internal static MultiDataOptionsSetup ConnectionSetup(SpoolJournal journal)
    {
        var setup = new MultiDataOptionsSetup();
        setup.AddDataOptions(SqlPersistence.JournalConfigPath, journal.Options);
        setup.AddDataOptions(SqlPersistence.SnapshotStoreConfigPath, journal.Options);
        setup.AddDataOptions(SqlPersistence.QueryConfigPath, journal.Options);
        return setup;
    }

    private static Props PartitionProps(IServiceProvider provider, SpoolJournal journal)
    {
        var options = provider.GetRequiredService<IOptions<SpoolOptions>>().Value;
        var partitions = provider.GetRequiredService<IOptions<StorageOptions>>().Value.IngestionPipeline.Partitions;
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        var log = loggers.CreateLogger<SpoolActor>();
        var reader = provider.GetRequiredService<ISpoolJournalReader>();
        var trim = provider.GetRequiredService<ISpoolJournalTrim>();
        var gate = provider.GetRequiredService<BacklogGate>();
        var time = provider.GetRequiredService<TimeProvider>();
        var corrupt = provider.GetRequiredService<CorruptEntries>();
        return SpoolPartitions.PropsFor(
            partitions,
            partition => SpoolActor.PropsFor(new SpoolActorSettings(partition, partitions, reader, trim, gate)
            {
                MaxEntryBytes = options.MaxEntryBytes,
                MaxMemoryBytes = options.MaxMemoryBytes / partitions,
                MaxIdempotencyKeys = options.MaxIdempotencyKeys / partitions,
                SnapshotInterval = TimeSpan.FromMilliseconds(options.SnapshotIntervalMs),
                Corrupt = corrupt,
                Time = time,
                Log = log,
            }),
            journal.GiveBackUnusedSpace,
            loggers.CreateLogger<SpoolPartitions>());
    }

    private static async Task<Done> StopAsync(IActorRef spool)
    {
        await spool.GracefulStop(StopTimeout, SpoolProtocol.StopPartition.Instance);
        return Done.Instance;
    }
}
