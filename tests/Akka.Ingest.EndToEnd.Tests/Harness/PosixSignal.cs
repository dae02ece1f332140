namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.ComponentModel;
using System.Runtime.InteropServices;

/// <summary>SIGTERM to one process, by its id. (SIGKILL is <see cref="System.Diagnostics.Process.Kill()"/>.)</summary>
internal static class PosixSignal
{
    private const int Terminate = 15;

    public static void SendTerminate(int processId)
    {
        if (kill(processId, Terminate) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"SIGTERM did not reach process {processId}.");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
