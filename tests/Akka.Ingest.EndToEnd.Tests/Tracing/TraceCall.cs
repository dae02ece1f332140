namespace Akka.Ingest.EndToEnd.Tests.Tracing;

/// <summary>One system call of a trace. Lines are the order of events: a call began at its first line and had ended at its last.</summary>
/// <param name="Thread">Thread that made it.</param>
/// <param name="Name">For example <c>pwrite64</c>.</param>
/// <param name="Fd">First argument, when it is a file descriptor; else -1.</param>
/// <param name="Path">What strace -y says the descriptor is.</param>
/// <param name="Arguments">The rest, as printed.</param>
/// <param name="BeginLine">Line at which it was known to have begun.</param>
/// <param name="EndLine">Line at which it had ended; <see cref="int.MaxValue"/> if it never did.</param>
/// <param name="Result">Return value; null if it never ended.</param>
internal sealed record TraceCall(int Thread, string Name, int Fd, string Path, string Arguments, int BeginLine, int EndLine, long? Result);
