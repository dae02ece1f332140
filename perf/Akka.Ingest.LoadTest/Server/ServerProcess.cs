namespace Akka.Ingest.LoadTest.Server;

using System.Diagnostics;
using System.Runtime.InteropServices;
using Akka.Ingest.LoadTest.Load;

/// <summary>A server process on a temporary folder of its own.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _folder;
    private readonly bool _keep;
    private readonly StreamWriter _output;

    private ServerProcess(Process process, string folder, bool keep)
    {
        _process = process;
        _folder = folder;
        _keep = keep;
        _output = new StreamWriter(Path.Combine(folder, "server.log")) { AutoFlush = true };
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string DataFolder => Path.Combine(_folder, "data");

    public static ServerProcess Start(LoadOptions options)
    {
        var dll = options.StartServer!;
        var folder = Directory.CreateTempSubdirectory("akka-ingest-load-").FullName;
        var start = new ProcessStartInfo("dotnet", [dll, "--urls", options.Url.ToString().TrimEnd('/'), "--contentRoot", Path.GetDirectoryName(dll)!])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Storage__Path"] = Path.Combine(folder, "data");
        start.Environment["Storage__IngestionPipeline__DeadLetterDirectory"] = Path.Combine(folder, "deadletter");
        start.Environment["Otlp__GrpcPort"] = "0";
        foreach (var setting in options.ServerEnvironment)
            start.Environment[setting[..setting.IndexOf('=')]] = setting[(setting.IndexOf('=') + 1)..];
        return new ServerProcess(Process.Start(start)!, folder, options.Keep);
    }

    public string LastOutput()
    {
        lock (_output)
            return string.Join('\n', File.ReadLines(Path.Combine(_folder, "server.log")).TakeLast(20));
    }

    /// <summary>SIGTERM, then SIGKILL after 30 s; then the folder is removed unless it is to be kept.</summary>
    public async ValueTask DisposeAsync()
    {
        var start = Stopwatch.GetTimestamp();
        if (!_process.HasExited)
            _ = Kill(_process.Id, SigTerm);
        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            if (_process.ExitCode != 0)
                Console.WriteLine(LastOutput());
            Console.WriteLine($"server stopped with exit code {_process.ExitCode} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"server did not stop within {StopTimeout.TotalSeconds:0} s and is killed");
            _process.Kill();
        }

        _process.Dispose();
        await _output.DisposeAsync();
        if (_keep)
            Console.WriteLine($"kept: {_folder}");
        else
            Directory.Delete(_folder, recursive: true);
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.WriteLine(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
