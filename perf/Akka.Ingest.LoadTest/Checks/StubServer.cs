namespace Akka.Ingest.LoadTest.Checks;

using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

/// <summary>
/// A server that accepts everything and keeps nothing: to test the generator and to find its ceiling. It can stall all its
/// connections once, which is what a garbage collection or a slow disk looks like from outside.
/// </summary>
internal sealed class StubServer : IDisposable
{
    private enum Call
    {
        Ingest,
        Count,
        Other,
    }

    private readonly TcpListener _listener;
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private long _events;
    private long _requests;

    public StubServer(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Lines received in ingest requests.</summary>
    public long Events => Interlocked.Read(ref _events);

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Until this is set again nothing is answered.</summary>
    public void Stall() => _open.Reset();

    public void Resume() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _ = Task.Factory.StartNew(() => Serve(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
        catch (SocketException)
        {
            // The listener was closed.
        }
    }

    private void Serve(Socket socket)
    {
        using var owned = socket;
        var buffer = new byte[4 * 1024 * 1024];
        try
        {
            while (TryReadRequest(socket, buffer, out var call, out var lines))
            {
                _open.Wait();
                socket.Send(Answer(call, lines));
            }
        }
        catch (SocketException)
        {
            // The client is gone.
        }
    }

    private static bool TryReadRequest(Socket socket, byte[] buffer, out Call call, out int lines)
    {
        call = Call.Other;
        lines = 0;
        var length = 0;
        int headLength;
        while ((headLength = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            var count = socket.Receive(buffer.AsSpan(length));
            if (count == 0)
                return false;
            length += count;
        }

        headLength += 4;
        var head = buffer.AsSpan(0, headLength);
        call = head.StartsWith("POST"u8) ? Call.Ingest : head.StartsWith("GET /api/v1.0/logs/count"u8) ? Call.Count : Call.Other;
        if (head.IndexOf("Content-Length: "u8) is var at && (at < 0 || !Utf8Parser.TryParse(head[(at + "Content-Length: ".Length)..], out int bodyLength, out _)))
            bodyLength = 0;
        while (length < headLength + bodyLength)
            length += socket.Receive(buffer.AsSpan(length));
        lines = buffer.AsSpan(headLength, bodyLength).Count((byte)'\n');
        return true;
    }

    private byte[] Answer(Call call, int lines)
    {
        if (call == Call.Count)
            return Response($$"""{"count":{{Events}}}""");
        if (call == Call.Other)
            return Response($"akka_ingest_spool_backlog 0\nakka_ingest_delivery_events_total {Events}\n");
        Interlocked.Add(ref _events, lines);
        Interlocked.Increment(ref _requests);
        return Response($$"""{"accepted":{{lines}}}""");
    }

    private static byte[] Response(string body) => Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
}
