namespace Akka.Ingest.LoadTest.Measure;

using System.Diagnostics;
using Akka.Ingest.LoadTest.Server;

/// <summary>The server at one moment of a load. Unknown figures are null.</summary>
internal sealed record LoadSample(double Seconds, double RssMb, double CpuSeconds, double? Backlog, double? Stored, double SpoolMb, double StoreMb);

/// <summary>Looks at the server once a second from its making until it is stopped.</summary>
internal sealed class LoadSampler(ServerUnderTest server) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<LoadSample> _samples = [];
    private Task? _loop;

    public static LoadSampler Start(ServerUnderTest server)
    {
        var sampler = new LoadSampler(server);
        sampler._loop = sampler.SampleAsync();
        return sampler;
    }

    public async Task<IReadOnlyList<LoadSample>> StopAsync()
    {
        await _stop.CancelAsync();
        if (_loop is not null)
            await _loop;
        return _samples;
    }

    public void Dispose() => _stop.Dispose();

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            do
                _samples.Add(await TakeAsync());
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopped: the samples taken so far are the result.
        }
    }

    private async Task<LoadSample> TakeAsync()
    {
        var metrics = await server.Metrics.ReadAsync();
        return new LoadSample(
            Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, 1),
            Megabytes(server.Process?.ResidentBytes() ?? 0),
            server.Process?.CpuSeconds() ?? 0,
            metrics?.Backlog,
            metrics?.Stored,
            Megabytes(server.Data.SpoolBytes()),
            Megabytes(server.Data.StoreBytes()));
    }

    private static double Megabytes(long bytes) => Math.Round(bytes / 1e6, 1);
}
