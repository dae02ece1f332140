namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.ComponentModel;
using System.Runtime.InteropServices;

/// <summary>Sends a signal to one process, by its id.</summary>
internal static class PosixSignal
{
    private const int Terminate = 15;
    private const int Kill = 9;

    public static void SendTerminate(int processId) => Send(processId, Terminate);

    public static void SendKill(int processId) => Send(processId, Kill);

    private static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} did not reach process {processId}.");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
