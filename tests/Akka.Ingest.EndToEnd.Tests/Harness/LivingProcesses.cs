namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Collections.Concurrent;
using System.Diagnostics;

/// <summary>Ends what a test run that was broken off has left running.</summary>
internal static class LivingProcesses
{
    private static readonly ConcurrentDictionary<int, Process> Living = new();

    static LivingProcesses() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Living.Values.Where(process => !process.HasExited))
            process.Kill(entireProcessTree: true);
    };

    public static void Add(Process process) => Living[process.Id] = process;

    public static void Remove(Process process) => Living.TryRemove(process.Id, out _);
}
