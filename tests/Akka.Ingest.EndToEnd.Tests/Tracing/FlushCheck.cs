namespace Akka.Ingest.EndToEnd.Tests.Tracing;

/// <summary>
/// Shows from a trace that an answer waited for the disk: request received → its bytes written to the journal's write-ahead
/// log → that file flushed, with success → answer sent. Each step begins after the one before has ended.
/// </summary>
internal static class FlushCheck
{
    /// <param name="calls">The trace, in order.</param>
    /// <param name="spoolFolder">Where the journal is.</param>
    /// <param name="marker">Text that is in this request and in no other.</param>
    /// <returns>Null when all is well, else what is wrong.</returns>
    public static string? FindFault(IReadOnlyList<TraceCall> calls, string spoolFolder, string marker) =>
        Inspect(calls, spoolFolder, marker).Fault;

    /// <summary>As <see cref="FindFault"/>, with the lines of the trace at which each step was seen.</summary>
    public static FlushEvidence Inspect(IReadOnlyList<TraceCall> calls, string spoolFolder, string marker)
    {
        var received = calls.FirstOrDefault(call => IsReceive(call) && call.Result > 0 && call.Arguments.Contains(marker, StringComparison.Ordinal));
        if (received is null)
            return new FlushEvidence($"request {marker} is not in the trace");
        var answered = calls.FirstOrDefault(call => IsSend(call) && call.Fd == received.Fd && call.BeginLine > received.EndLine);
        if (answered is null || !answered.Arguments.Contains("HTTP/1.1 2", StringComparison.Ordinal))
            return new FlushEvidence($"request {marker} has no answer of success in the trace", received);
        var written = calls.FirstOrDefault(call => IsWrite(call) && IsWriteAheadLog(call, spoolFolder) && call.BeginLine > received.EndLine
            && call.Arguments.Contains(marker, StringComparison.Ordinal));
        if (written is null)
            return new FlushEvidence($"the events of request {marker} were never written to the journal", received, Answered: answered);
        var flushed = calls.FirstOrDefault(call => IsFlush(call) && call.Path == written.Path && call.BeginLine > written.EndLine && call.Result == 0);
        if (flushed is null)
            return new FlushEvidence($"the journal was not flushed after request {marker} was written", received, written, Answered: answered);
        var fault = flushed.EndLine < answered.BeginLine ? null : $"request {marker} was answered before its flush had ended";
        return new FlushEvidence(fault, received, written, flushed, answered);
    }

    private static bool IsReceive(TraceCall call) => call.Name is "recvfrom" or "recvmsg" or "read" or "readv";

    private static bool IsSend(TraceCall call) => call.Name is "sendto" or "sendmsg" or "write" or "writev";

    private static bool IsWrite(TraceCall call) => call.Name is "pwrite64" or "pwritev" or "write" or "writev" && call.Result > 0;

    private static bool IsFlush(TraceCall call) => call.Name is "fsync" or "fdatasync";

    private static bool IsWriteAheadLog(TraceCall call, string spoolFolder) =>
        call.Path.StartsWith(spoolFolder + "/", StringComparison.Ordinal) && call.Path.EndsWith("-wal", StringComparison.Ordinal);
}

/// <summary>The steps found for one request.</summary>
internal sealed record FlushEvidence(string? Fault, TraceCall? Received = null, TraceCall? Written = null, TraceCall? Flushed = null, TraceCall? Answered = null)
{
    public override string ToString() =>
        $"received {Lines(Received)} written {Lines(Written)} flushed {Lines(Flushed)} answered {Lines(Answered)}: {Fault ?? "in order"}";

    private static string Lines(TraceCall? call) => call is null ? "never" : $"{call.Name}({call.Fd}) lines {call.BeginLine}-{call.EndLine}";
}
