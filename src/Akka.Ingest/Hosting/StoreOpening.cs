namespace Akka.Ingest.Hosting;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

/// <summary>
/// Opens the store at the start. A store that is away does not stop the service: the spool takes events, and delivery opens
/// the store when it is back. A store that this version must not touch does.
/// </summary>
internal sealed partial class StoreOpening(ILogStore store, ILogger<StoreOpening> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.InitializeAsync(cancellationToken);
        }
        catch (StoreException exception) when (exception.Failure.Kind != StoreFailureKind.Permanent)
        {
            LogAway(logger, exception.Failure.Detail);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "The store cannot be opened yet; events are kept in the spool meanwhile: {Detail}")]
    private static partial void LogAway(ILogger logger, string detail);
}
