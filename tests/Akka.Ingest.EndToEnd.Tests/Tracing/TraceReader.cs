namespace Akka.Ingest.EndToEnd.Tests.Tracing;

using System.Globalization;
using System.Text.RegularExpressions;

/// <summary>Reads what <c>strace -f -ttt -y</c> writes; joins calls that another thread interrupted in the log.</summary>
internal static partial class TraceReader
{
    private const string Unfinished = "<unfinished ...>";

    public static IReadOnlyList<TraceCall> Read(IEnumerable<string> lines)
    {
        var calls = new List<TraceCall>();
        var open = new Dictionary<int, (string Text, int Line)>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (Prefix().Match(line) is not { Success: true } prefix)
                continue;
            var thread = int.Parse(prefix.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var text = line[prefix.Length..];
            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (open.Remove(thread, out var begun))
                    Add(calls, thread, begun.Text + text[resumed.Length..], begun.Line, number);
            }
            else if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (text[..^Unfinished.Length].TrimEnd(), number);
            }
            else
            {
                Add(calls, thread, text, number, number);
            }
        }

        foreach (var (thread, begun) in open)
            Add(calls, thread, begun.Text, begun.Line, int.MaxValue);
        calls.Sort((left, right) => left.BeginLine.CompareTo(right.BeginLine));
        return calls;
    }

    private static void Add(List<TraceCall> calls, int thread, string text, int begin, int end)
    {
        if (Call().Match(text) is not { Success: true } call)
            return;
        var fd = call.Groups["fd"] is { Success: true } group ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : -1;
        long? result = end != int.MaxValue && Result().Match(text) is { Success: true } found
            ? long.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;
        calls.Add(new TraceCall(thread, call.Groups["name"].Value, fd, call.Groups["path"].Value, text[call.Length..], begin, end, result));
    }

    [GeneratedRegex(@"^(\d+)\s+\d+\.\d+ ", RegexOptions.None, 1_000)]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>", RegexOptions.None, 1_000)]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\((?:(?<fd>\d+)(?:<(?<path>[^>]*)>)?)?", RegexOptions.None, 1_000)]
    private static partial Regex Call();

    [GeneratedRegex(@"\)\s+= (-?\d+)(?: [^""]*)?$", RegexOptions.None, 1_000)]
    private static partial Regex Result();
}
