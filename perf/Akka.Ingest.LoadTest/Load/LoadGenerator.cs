namespace Akka.Ingest.LoadTest.Load;

using System.Diagnostics;

/// <summary>Runs a schedule over all connections, which stay open from one load to the next.</summary>
internal sealed class LoadGenerator : IDisposable
{
    /// <summary>Threads start this long before the first request is due.</summary>
    private static readonly long Lead = Stopwatch.Frequency / 10;

    private readonly LoadOptions _options;
    private readonly LoadConnection[] _connections;

    public LoadGenerator(LoadOptions options)
    {
        _options = options;
        Pool = new RequestPool(options);
        var run = (ulong)Random.Shared.NextInt64();
        _connections = new LoadConnection[options.Connections];
        for (var i = 0; i < _connections.Length; i++)
            _connections[i] = new LoadConnection(options, Pool.ForConnection(), run, i);
    }

    public RequestPool Pool { get; }

    /// <summary>Ends when the last answer is there. The time is from the first due request to the last answer, and not less than the duration.</summary>
    public async Task<(LoadTally Tally, TimeSpan Elapsed)> RunAsync(TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp() + Lead;
        var schedule = new LoadSchedule(start, duration, _options.Rate / _options.Batch);
        var runs = Array.ConvertAll(_connections, connection => Task.Factory.StartNew(
            () =>
            {
                LoadSchedule.WaitUntil(start);
                return connection.Run(schedule);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        var tally = new LoadTally();
        foreach (var part in await Task.WhenAll(runs))
            tally.Add(part);
        var elapsed = Stopwatch.GetElapsedTime(start);
        return (tally, elapsed > duration ? elapsed : duration);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }
}
