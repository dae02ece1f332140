namespace Akka.Ingest.Operations;

using Akka.Ingest.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

/// <summary>Runs retention every <c>Storage:Retention:IntervalMinutes</c> where it is enabled, in the process that holds the data folder.</summary>
internal sealed class RetentionWorker(RetentionRunner runner, DataFolderLease lease, IOptions<StorageOptions> options, TimeProvider time) : BackgroundService
{
    /// <summary>The first run comes soon, or a server that is restarted often would never clean up.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retention = options.Value.Retention;
        if (!retention.Enabled)
            return;
        try
        {
            for (var delay = FirstDelay; ; delay = TimeSpan.FromMinutes(retention.IntervalMinutes))
            {
                await Task.Delay(delay, time, stoppingToken);
                if (lease.IsHeld)
                    await runner.RunAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
