namespace Akka.Ingest.EndToEnd.Tests.Tracing;

using Xunit;

/// <summary>The check itself, on made-up traces: it must see a missing or late flush.</summary>
public sealed class FlushCheckTests
{
    private const string Spool = "/data/spool";
    private const string Request = """11 1.000001 recvfrom(90<TCP:[1->2]>, "POST /api/v1.0/logs HTTP/1.1\r\nX-Probe: probe7\r\n", 4096, 0, NULL, NULL) = 300""";
    private const string Write = """12 1.000002 pwrite64(50</data/spool/journal.db-wal>, "\2\0probe7\1\4", 4096, 24) = 4096""";
    private const string Flush = "12 1.000003 fdatasync(50</data/spool/journal.db-wal>) = 0";
    private const string Answer = """13 1.000004 sendto(90<TCP:[1->2]>, "HTTP/1.1 200 OK\r\n", 120, MSG_NOSIGNAL, NULL, 0) = 120""";

    [Fact]
    public void A_flush_between_write_and_answer_passes() => Assert.Null(Find(Request, Write, Flush, Answer));

    [Fact]
    public void A_flush_after_the_answer_fails() => Assert.Contains("before its flush", Find(Request, Write, Answer, Flush), StringComparison.Ordinal);

    [Fact]
    public void A_missing_flush_fails() => Assert.Contains("not flushed", Find(Request, Write, Answer), StringComparison.Ordinal);

    [Fact]
    public void A_flush_before_the_write_fails() => Assert.Contains("not flushed", Find(Request, Flush, Write, Answer), StringComparison.Ordinal);

    [Fact]
    public void A_failed_flush_does_not_count() =>
        Assert.Contains("not flushed", Find(Request, Write, Flush.Replace("= 0", "= -1 EIO (Input/output error)", StringComparison.Ordinal), Answer), StringComparison.Ordinal);

    [Fact]
    public void A_flush_of_another_file_does_not_count() =>
        Assert.Contains("not flushed", Find(Request, Write, Flush.Replace("spool/journal", "store/events", StringComparison.Ordinal), Answer), StringComparison.Ordinal);

    [Fact]
    public void A_flush_that_has_not_ended_when_the_answer_leaves_fails()
    {
        var fault = Find(
            Request,
            Write,
            "12 1.000003 fdatasync(50</data/spool/journal.db-wal> <unfinished ...>",
            Answer,
            "12 1.000005 <... fdatasync resumed>) = 0");
        Assert.Contains("before its flush", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flush_that_began_before_the_write_ended_does_not_count()
    {
        var fault = Find(
            Request,
            """12 1.000002 pwrite64(50</data/spool/journal.db-wal>, "probe7", 4096, 24 <unfinished ...>""",
            Flush.Replace("12 ", "14 ", StringComparison.Ordinal),
            "12 1.000004 <... pwrite64 resumed>) = 4096",
            Answer);
        Assert.Contains("not flushed", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupted_calls_are_joined()
    {
        var fault = Find(
            """11 1.000001 recvfrom(90<TCP:[1->2]>,  <unfinished ...>""",
            "12 1.000001 fdatasync(50</data/spool/journal.db-wal>) = 0",
            """11 1.000001 <... recvfrom resumed>"POST / probe7", 4096, 0, NULL, NULL) = 300""",
            Write,
            "12 1.000003 fdatasync(50</data/spool/journal.db-wal> <unfinished ...>",
            """13 1.000003 sendto(91<TCP:[3->4]>, "HTTP/1.1 200 OK\r\n", 120, MSG_NOSIGNAL, NULL, 0) = 120""",
            "12 1.000004 <... fdatasync resumed>) = 0",
            Answer);
        Assert.Null(fault);
    }

    [Fact]
    public void A_request_that_is_not_in_the_trace_fails() => Assert.NotNull(Find(Write, Flush, Answer));

    [Fact]
    public void A_refusal_is_no_proof() =>
        Assert.Contains("no answer of success", Find(Request, Write, Flush, Answer.Replace("200 OK", "503 X", StringComparison.Ordinal)), StringComparison.Ordinal);

    private static string? Find(params string[] lines) => FlushCheck.FindFault(TraceReader.Read(lines), Spool, "probe7");
}
