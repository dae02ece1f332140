namespace Akka.Ingest.Hosting;

using Akka.Hosting;
using Akka.Ingest.Http;
using Akka.Ingest.Operations;
using Akka.Ingest.Query;
using Akka.Ingest.Spool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

/// <summary>The table of contents of the service: what it is made of, in the order in which an event meets it.</summary>
public static class IngestComposition
{
    public const string ActorSystemName = "akka-ingest";

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(9.5);

    /// <summary>Registers everything but the stores.</summary>
    /// <exception cref="SettingsException">A setting is wrong or contradicts another; nothing was started.</exception>
    public static WebApplicationBuilder AddIngest(this WebApplicationBuilder builder)
    {
        builder.AddIngestSettings();
        builder.AddIngestServer();

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DataFolderLease>();
        services.AddIngestHttp(); // read, parse, redact, admit

        services.AddSpool();           // journal, committed and flushed: the answer goes out
        services.AddDelivery();        // batch, retry, dead letters, store, checkpoint
        services.AddAkka(ActorSystemName, (akka, provider) => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddSpool(provider)
            .AddDelivery(provider));

        // The stores register in the server: they live in an assembly of their own.
        services.AddIngestOperations(); // health, metrics, diagnostics
        return builder;
    }

    /// <summary>
    /// Takes the data folder, maps every call, says at the start where to send the first event, and refuses work from the moment
    /// of a stop.
    /// </summary>
    /// <exception cref="LeaseHeldException">Another process works in the data folder.</exception>
    public static WebApplication MapIngest(this WebApplication app)
    {
        // First of all: nothing may have opened a file there.
        app.Services.GetRequiredService<DataFolderLease>().Take();
        app.UseExceptionHandler(errors => errors.Run(ProblemAnswer.WriteUnexpectedAsync));
        app.MapIngestCalls();
        app.MapGroup("").RequireScope(ApiScopes.Read).MapLogQueries();
        app.MapOperations();
        app.AnnounceAddress();
        app.StopAcceptingOnShutdown();
        app.EndAfterStop();
        return app;
    }

    // The parts of a stop have limits of their own that may add up. What is not done by then the next start finds as after a
    // kill: in the journal.
    private static void EndAfterStop(this WebApplication app)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            _ = Task.Delay(StopDeadline, time).ContinueWith(_ => Environment.Exit(0), TaskScheduler.Default);
        });
    }

    internal static void AnnounceAddress(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        if (addresses?.FirstOrDefault() is not { } address)
            return;
        var url = address.Replace("//[::]:", "//localhost:", StringComparison.Ordinal)
            .Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal)
            .Replace("//+:", "//localhost:", StringComparison.Ordinal)
            .Replace("//*:", "//localhost:", StringComparison.Ordinal)
            .TrimEnd('/');
        Console.WriteLine(
            $$"""Akka.Ingest listens on {{url}}. First event: curl -H 'Content-Type: application/json' -d '{"message":"hello"}' {{url}}/api/v1.0/logs""");
    });

    // Registered once all runs: a start that failed has nothing to stop, and no services left to ask for it.
    internal static void StopAcceptingOnShutdown(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var queue = app.Services.GetRequiredService<ILogIngestionQueue>();
        app.Lifetime.ApplicationStopping.Register(queue.StopAccepting);
    });
}
