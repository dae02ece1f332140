namespace Akka.Ingest.Testing;

using System.Diagnostics;

/// <summary>PostgreSQL's own programs, run as a user whom the server accepts: it refuses root.</summary>
internal sealed class PostgresTools
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private readonly string _folder;

    private PostgresTools(string folder) => _folder = folder;

    /// <exception cref="InvalidOperationException">They are not installed.</exception>
    public static PostgresTools Find()
    {
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(DebianFolders());
        return candidates.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl"))) is { } found
            ? new PostgresTools(found)
            : throw new InvalidOperationException(
                $"The tests need a PostgreSQL server: initdb and pg_ctl are neither on PATH nor under {DebianFolder}/*/bin. On Debian: apt-get install postgresql.");
    }

    /// <summary>Makes the folder the server's.</summary>
    public Task GiveAsync(string folder) => Environment.IsPrivilegedProcess
        ? RunAsync(folder, ["chown", "-R", "postgres:postgres", folder])
        : Task.CompletedTask;

    /// <exception cref="InvalidOperationException">It failed; the message has what it and the server said.</exception>
    public Task RunAsync(string folder, string tool, params string[] arguments) => RunAsync(folder, AsServer([Path.Combine(_folder, tool), .. arguments]));

    /// <summary>
    /// Starts the process that stops the server and deletes the folder once its input ends: when the fixture is disposed, or when
    /// the test process ends, even by a kill.
    /// </summary>
    public Process StartGuard(string folder)
    {
        var stop = AsServer([Path.Combine(_folder, "pg_ctl"), "-D", Path.Combine(folder, "data"), "-s", "-w", "-m", "immediate", "stop"]);
        var start = Shell("cat >/dev/null; cd /; \"$@\" >/dev/null 2>&1; rm -rf \"$0\"", [folder, .. stop]);
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    // A redirected pipe would stay open in the server that pg_ctl leaves behind, and whoever reads it would wait for ever.
    private static async Task RunAsync(string folder, string[] command)
    {
        var output = Path.Combine(folder, "output-" + Guid.NewGuid().ToString("N")[..8]);
        using var process = Process.Start(Shell("exec \"$@\" >\"$0\" 2>&1 </dev/null", [output, .. command]))!;
        await process.WaitForExitAsync();
        if (process.ExitCode == 0)
            return;
        var log = Path.Combine(folder, "log");
        throw new InvalidOperationException(
            $"{string.Join(' ', command)} ended with {process.ExitCode}.\n{await File.ReadAllTextAsync(output)}\n{(File.Exists(log) ? await File.ReadAllTextAsync(log) : "")}");
    }

    private static string[] AsServer(string[] command) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command]
        : command;

    private static ProcessStartInfo Shell(string script, string[] arguments) => new("/bin/sh", ["-c", script, .. arguments])
    {
        WorkingDirectory = Path.GetTempPath(),
        Environment = { ["LC_ALL"] = "C.UTF-8", ["HOME"] = Path.GetTempPath() },
    };

    private static IEnumerable<string> DebianFolders() => Directory.Exists(DebianFolder)
        ? Directory.GetDirectories(DebianFolder).OrderByDescending(Version).Select(folder => Path.Combine(folder, "bin"))
        : [];

    private static int Version(string folder) => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0;
}
