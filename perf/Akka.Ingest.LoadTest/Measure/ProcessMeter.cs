namespace Akka.Ingest.LoadTest.Measure;

using System.Globalization;

/// <summary>Processor time of one thread so far, in seconds.</summary>
internal readonly record struct ThreadTime(int Id, string Name, double Seconds);

/// <summary>Reads what the kernel knows of one process from <c>/proc</c> (proc(5)).</summary>
internal sealed class ProcessMeter(int pid)
{
    /// <summary>USER_HZ, fixed at 100 on Linux for what /proc shows.</summary>
    private const double TicksPerSecond = 100;

    public int Pid { get; } = pid;

    /// <summary>User and system time of all threads so far, in seconds, to 10 ms.</summary>
    public double CpuSeconds()
    {
        var stat = File.ReadAllText($"/proc/{Pid}/stat");
        // The name in parentheses may hold spaces; fields 14 (utime) and 15 (stime) count from the one after it, field 3.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond;
    }

    /// <summary>The same for each thread that is alive now: its id, its name (at most 15 letters) and its seconds.</summary>
    public IReadOnlyList<ThreadTime> ThreadTimes()
    {
        var times = new List<ThreadTime>();
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{Pid}/task"))
        {
            if (TryReadThread(folder) is { } time)
                times.Add(time);
        }

        return times;
    }

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes() => StatusKilobytes("VmRSS:") * 1024;

    /// <summary>Highest resident memory since the last reset, in bytes.</summary>
    public long PeakResidentBytes() => StatusKilobytes("VmHWM:") * 1024;

    /// <summary>Starts the peak anew; false where the kernel does not allow it, the peak is then that of the whole life.</summary>
    public bool TryResetPeak()
    {
        try
        {
            File.WriteAllText($"/proc/{Pid}/clear_refs", "5");
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Bytes that the process caused to be written to the disk; null where it may not be read.</summary>
    public long? DiskWriteBytes()
    {
        try
        {
            var line = File.ReadLines($"/proc/{Pid}/io").First(line => line.StartsWith("write_bytes:", StringComparison.Ordinal));
            return Parse(line["write_bytes:".Length..]);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ThreadTime? TryReadThread(string folder)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            var end = stat.LastIndexOf(')');
            var fields = stat[(end + 2)..].Split(' ');
            var start = stat.IndexOf('(') + 1;
            return new ThreadTime((int)Parse(stat[..(start - 1)]), stat[start..end], (Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond);
        }
        catch (IOException)
        {
            // The thread ended after it was listed.
            return null;
        }
    }

    private long StatusKilobytes(string name)
    {
        var line = File.ReadLines($"/proc/{Pid}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal));
    }

    private static long Parse(string number) => long.Parse(number.Trim(), CultureInfo.InvariantCulture);
}
