namespace Akka.Ingest.LoadTest.Server;

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Measure;

/// <summary>The server that is measured: started here, or running already.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan StaysEmpty = TimeSpan.FromSeconds(2.5);

    /// <summary>A server that does not tell its backlog for this long is not asked any more.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(60);

    private readonly ServerProcess? _started;

    private ServerUnderTest(LoadOptions options, ServerProcess? started, int? pid, string? dataFolder)
    {
        Options = options;
        _started = started;
        Process = pid is null ? null : new ProcessMeter(pid.Value);
        DataFolder = dataFolder;
        Data = new DataFolderMeter(dataFolder);
        Metrics = new ServerMetrics(options);
    }

    /// <summary>The options with the address that the server listens on.</summary>
    public LoadOptions Options { get; }

    /// <summary>Null when the process is not known; its processor time and memory are then not measured.</summary>
    public ProcessMeter? Process { get; }

    public string? DataFolder { get; }

    public DataFolderMeter Data { get; }

    public ServerMetrics Metrics { get; }

    /// <exception cref="InvalidOperationException">The server was not ready in time.</exception>
    public static async Task<ServerUnderTest> OpenAsync(LoadOptions options)
    {
        if (options.StartServer is null)
            return new ServerUnderTest(options, started: null, options.ServerPid, options.DataFolder);
        var local = options with { Url = new Uri($"http://127.0.0.1:{FreePort()}") };
        var process = ServerProcess.Start(local);
        var server = new ServerUnderTest(local, process, process.Pid, process.DataFolder);
        if (await server.IsReadyInTimeAsync())
            return server;
        var output = process.LastOutput();
        await server.DisposeAsync();
        throw new InvalidOperationException($"the server ended or was not ready within {StartTimeout.TotalSeconds:0} s. Its last output:\n{output}");
    }

    /// <summary>
    /// Waits until nothing accepted is left to be stored: the backlog is 0 and stays so for a while, since the server looks at
    /// it once a second only. Gives the time to the first 0. Null = not within the time, or the server does not tell.
    /// </summary>
    public async Task<TimeSpan?> WaitDrainedAsync(TimeSpan timeout)
    {
        var start = Stopwatch.GetTimestamp();
        var lastKnown = TimeSpan.Zero;
        TimeSpan? firstEmpty = null;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await timer.WaitForNextTickAsync() && Stopwatch.GetElapsedTime(start) is var now && now < timeout && now - lastKnown < SilenceLimit)
        {
            var backlog = (await Metrics.ReadAsync())?.Backlog;
            if (backlog is null)
                continue;
            lastKnown = now;
            firstEmpty = backlog == 0 ? firstEmpty ?? now : null;
            if (now - firstEmpty > StaysEmpty)
                return firstEmpty;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        Metrics.Dispose();
        if (_started is not null)
            await _started.DisposeAsync();
    }

    private async Task<bool> IsReadyInTimeAsync()
    {
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync() && Stopwatch.GetElapsedTime(start) < StartTimeout && !_started!.HasExited)
        {
            if (await Metrics.IsReadyAsync())
                return true;
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
