namespace Akka.Ingest.LoadTest.Measure;

using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>The machine without its name: enough to judge a figure, nothing that tells whose it is.</summary>
internal sealed record MachineDescription(
    string Cpu, int Cores, double MemoryGib, string Kernel, string Runtime, string DataFileSystem, double LoadAverageBefore);

/// <summary>Reads the machine's description and how busy all of it was.</summary>
internal static class MachineMeter
{
    public static MachineDescription Describe(string? dataFolder)
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new MachineDescription(
            cpu is null ? "unknown" : cpu[(cpu.IndexOf(':') + 1)..].Trim(),
            Environment.ProcessorCount,
            Math.Round(double.Parse(memory, CultureInfo.InvariantCulture) / 1024 / 1024, 1),
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            RuntimeInformation.FrameworkDescription,
            FileSystem(dataFolder),
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Seconds of processor time that all cores spent working so far, interrupts and time stolen by the host included.</summary>
    public static double BusySeconds()
    {
        // cpu user nice system idle iowait irq softirq steal ...
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (fields.Sum() - fields[3] - fields[4]) / 100;
    }

    private static string FileSystem(string? folder)
    {
        if (folder is null)
            return "unknown";
        var longest = DriveInfo.GetDrives()
            .Where(drive => folder.StartsWith(drive.RootDirectory.FullName, StringComparison.Ordinal))
            .MaxBy(drive => drive.RootDirectory.FullName.Length);
        return longest?.DriveFormat ?? "unknown";
    }
}
