namespace Akka.Ingest.Operations;

using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

/// <summary>How store and disk were at one moment.</summary>
/// <param name="At">UTC.</param>
/// <param name="Store">Null where the store did not answer.</param>
/// <param name="Problem">Why it did not; null where it did.</param>
/// <param name="Disk">Null where the file system does not tell.</param>
internal sealed record StorageState(DateTime At, StoreHealth? Store, string? Problem, DiskSpace? Disk);

/// <param name="TotalBytes">Size of the file system that holds the data folder.</param>
/// <param name="FreeBytes">What this user may still write.</param>
/// <param name="SecondsUntilFull">At the rate of the last minutes; null where it does not fill or is not known yet.</param>
internal sealed record DiskSpace(long TotalBytes, long FreeBytes, double? SecondsUntilFull);

/// <summary>Asks the store and the disk every few seconds, for the gauges and the forecast, and when an operator asks.</summary>
internal sealed class StorageProbe(IEnumerable<ILogStore> stores, IOptions<StorageOptions> options, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly DiskForecast _forecast = new();

    /// <summary>The last answer; never waits.</summary>
    public StorageState Last { get; private set; } = new(DateTime.UnixEpoch, null, "The store was not asked yet.", null);

    public async Task<StorageState> AskAsync()
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (health, problem) = await AskStoreAsync();
        return Last = new StorageState(now, health, problem, ReadDisk(now));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await AskAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<(StoreHealth? Health, string? Problem)> AskStoreAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            foreach (var store in stores)
                return (await store.ReadHealthAsync(patience.Token).WaitAsync(patience.Token), null);
            return (null, "There is no store.");
        }
        // The probe reports whatever goes wrong; what exactly is told in the log of the store itself.
        catch (Exception exception)
        {
            return (null, exception is StoreException failed ? $"The store does not answer ({failed.Failure.Code})." : $"The store does not answer ({exception.GetType().Name}).");
        }
    }

    private DiskSpace? ReadDisk(DateTime now)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(options.Value.Path));
            _forecast.Add(now, drive.AvailableFreeSpace);
            return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace, _forecast.SecondsUntilFull());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
