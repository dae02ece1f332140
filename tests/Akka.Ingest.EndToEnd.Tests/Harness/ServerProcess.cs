namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Diagnostics;

/// <summary>
/// The real server as a process of its own: started with <c>dotnet</c>, killed with SIGKILL or stopped with SIGTERM, started
/// again on the same folder and port.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);
    private readonly ServerFolder _folder;
    private readonly ServerSettings _settings;
    private readonly IReadOnlyList<string> _wrapper;
    private readonly CapturedOutput _output = new();
    private Process? _process;

    /// <param name="folder">Where it works.</param>
    /// <param name="settings">Added to those that keep it inside its folder.</param>
    /// <param name="wrapper">A command in front of <c>dotnet</c>, for example strace with its options.</param>
    public ServerProcess(ServerFolder folder, ServerSettings? settings = null, params string[] wrapper)
    {
        _folder = folder;
        _settings = settings ?? [];
        _wrapper = wrapper;
        Port = FreePort.Next();
        Url = new Uri($"http://127.0.0.1:{Port}");
        Http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public int Port { get; }
    public Uri Url { get; }

    /// <summary>For reading. Clients that send have their own connections.</summary>
    public HttpClient Http { get; }

    /// <summary>Standard output and error of every run so far.</summary>
    public CapturedOutput Output => _output;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Process id of what was started; with a wrapper that of the wrapper.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>Settings for the next start.</summary>
    public ServerSettings Settings => _settings;

    public void Start()
    {
        if (IsRunning)
            throw new InvalidOperationException("The server is running.");
        _process?.Dispose();
        string[] command = [.. _wrapper, "dotnet", ServerAssembly.Path, "--urls", Url.ToString()];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Storage__Path"] = _folder.Data;
        start.Environment["Storage__IngestionPipeline__DeadLetterDirectory"] = _folder.DeadLetters;
        start.Environment["Otlp__GrpcPort"] = "0";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information"; // says when it was asked to stop
        foreach (var (name, value) in _settings)
            start.Environment[name] = value;
        _output.Add($"--- start on port {Port}");
        _process = Process.Start(start)!;
        LivingProcesses.Add(_process);
        _output.Capture(_process);
    }

    public async Task StartReadyAsync(TimeSpan? limit = null)
    {
        Start();
        await WaitReadyAsync(limit);
    }

    /// <param name="limit">60 s when not given.</param>
    /// <param name="queueMayBeFull">Also content when a full queue is all that is wrong: such a server serves, and holds requests.</param>
    /// <exception cref="ServerFailedException">It ended, or was not ready in time.</exception>
    public async Task WaitReadyAsync(TimeSpan? limit = null, bool queueMayBeFull = false)
    {
        var clock = Stopwatch.StartNew();
        var last = "no answer";
        while (clock.Elapsed < (limit ?? TimeSpan.FromSeconds(60)))
        {
            if (!IsRunning)
                throw Failed($"The server ended with code {await WaitForExitAsync(EndLimit)} before it was ready.");
            (var ready, last) = await Readiness.AskAsync(Http, queueMayBeFull);
            if (ready)
                return;
            await Task.Delay(25);
        }

        throw Failed($"The server was not ready in time: {last}");
    }

    /// <summary>SIGKILL: nothing of the process runs after this point.</summary>
    public async Task KillAsync()
    {
        // Its own handle and not its number: a process that has ended by itself meanwhile is left alone.
        _process!.Kill();
        await WaitForExitAsync(EndLimit);
        _output.Add("--- killed");
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    /// <exception cref="ServerFailedException">It did not end within <paramref name="limit"/>.</exception>
    public async Task<int> TerminateAsync(TimeSpan limit)
    {
        PosixSignal.SendTerminate(ProcessId);
        return await WaitForExitAsync(limit);
    }

    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await _process!.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failed($"The server did not end within {limit}.");
        }

        LivingProcesses.Remove(_process);
        return _process.ExitCode;
    }

    public ServerFailedException Failed(string what) => new($"{what}\n--- output of the server:\n{_output.Tail(120)}");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (IsRunning)
                _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            LivingProcesses.Remove(_process);
            _process.Dispose();
        }

        Http.Dispose();
    }
}

/// <summary>The server did not do what a test needs of it; the message ends with its output.</summary>
internal sealed class ServerFailedException(string message) : Exception(message);
