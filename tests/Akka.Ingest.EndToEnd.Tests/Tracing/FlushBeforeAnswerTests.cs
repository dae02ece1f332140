namespace Akka.Ingest.EndToEnd.Tests.Tracing;

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>A kill cannot show a missing flush, since the kernel keeps what was written; the system calls can.</summary>
public sealed class FlushBeforeAnswerTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Requests = 50;
    private const string WholePages = "65536"; // strace must show every byte of the largest page that SQLite can have
    private const string Calls = "trace=fsync,fdatasync,pwrite64,pwritev,recvfrom,recvmsg,sendto,sendmsg,write,writev";

    [Fact]
    public async Task Every_answer_waits_until_the_journal_is_flushed()
    {
        var strace = Array.Find(["/usr/bin/strace", "/usr/local/bin/strace", "/bin/strace"], File.Exists);
        Assert.True(strace is not null, "strace is not installed. This test shows that answers wait for the disk: apt-get install strace");
        var trace = Path.Combine(Folder.Root, "trace.txt");
        var server = NewServer(settings: null, strace, "-f", "-ttt", "-y", "--seccomp-bpf", "-s", WholePages, "-e", Calls, "-o", trace);
        await server.StartReadyAsync(TimeSpan.FromSeconds(120));

        var markers = Enumerable.Range(0, Requests).Select(n => string.Create(CultureInfo.InvariantCulture, $"probe{n:D4}{Random.Shared.Next():x8}")).ToList();
        using (var connection = new TcpClient("127.0.0.1", server.Port))
        {
            foreach (var marker in markers)
                await SendAsync(connection.GetStream(), marker);
        }

        await new StoreReader(server).WaitForCountAsync(Requests);
        TerminateTraced(server.ProcessId);
        Assert.Equal(0, await server.WaitForExitAsync(TimeSpan.FromSeconds(60)));

        var calls = TraceReader.Read(File.ReadLines(trace));
        var evidence = markers.Select(marker => FlushCheck.Inspect(calls, Folder.Spool, marker)).ToList();
        Output.WriteLine($"{evidence.Count(item => item.Fault is null)} of {Requests} answers left after their flush; the first: {evidence[0]}");
        Assert.Empty(evidence.Where(item => item.Fault is not null).Take(5));
    }

    /// <summary>One request, and the whole of its answer.</summary>
    private static async Task SendAsync(NetworkStream stream, string marker)
    {
        var body = $$"""{"message":"{{marker}}"}""";
        var request = $"POST /api/v1.0/logs HTTP/1.1\r\nHost: localhost\r\nX-Probe: {marker}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!IsWhole(answer.ToString()))
        {
            var read = await stream.ReadAsync(buffer, patience.Token);
            Assert.True(read > 0, $"The connection ended in the middle of an answer: {answer}");
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        Assert.StartsWith("HTTP/1.1 200", answer.ToString(), StringComparison.Ordinal);
    }

    private static bool IsWhole(string answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (headEnd < 0)
            return false;
        const string Length = "content-length:";
        var at = answer.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        if (at < 0 || at > headEnd)
            return answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        var value = answer[(at + Length.Length)..answer.IndexOf('\r', at)];
        return answer.Length - headEnd - 4 >= int.Parse(value, CultureInfo.InvariantCulture);
    }

    /// <summary>strace passes no signal on: the server is its child.</summary>
    private static void TerminateTraced(int strace)
    {
        var child = File.ReadAllText($"/proc/{strace}/task/{strace}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        PosixSignal.SendTerminate(int.Parse(child, CultureInfo.InvariantCulture));
    }
}
