namespace Akka.Ingest.Stores.Tests.PostgreSql;

using System.Net;
using System.Net.Sockets;
using Npgsql;

/// <summary>Where the proxy cuts a connection.</summary>
internal enum CutAt
{
    Never,

    /// <summary>The server gets the rows but never hears of the commit.</summary>
    BeforeCommit,

    /// <summary>The server commits, and the answer is lost.</summary>
    AfterCommit,

    /// <summary>In the middle of the rows.</summary>
    DuringCopy,
}

/// <summary>
/// Stands between a store and its server and breaks the connection at one point of the protocol: what a network or a
/// <c>pg_terminate_backend</c> does, at the worst moment.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private int _cuts;

    public CuttingProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The next connection that gets there is cut; once.</summary>
    public CutAt CutAt { get; set; }

    public int Cuts => _cuts;

    /// <summary>The connection string with the proxy's port in place of the server's.</summary>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
    }.ToString();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _ending.Token);
                await Task.WhenAny(ForwardAsync(client, server), CopyAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // Either end is gone: so is the other.
            }
        }
    }

    private Task CopyAsync(NetworkStream from, NetworkStream to) => from.CopyToAsync(to, _ending.Token);

    private async Task ForwardAsync(TcpClient client, TcpClient server)
    {
        var buffer = new byte[256 * 1024];
        for (int read; (read = await client.GetStream().ReadAsync(buffer, _ending.Token)) > 0;)
        {
            var some = buffer.AsMemory(0, read);
            var isHere = IsHere(some.Span);
            if (isHere && CutAt == CutAt.AfterCommit)
                await CommitUnheardAsync(client, server, some);
            if (isHere)
            {
                CutAt = CutAt.Never;
                Interlocked.Increment(ref _cuts);
                return;
            }

            await server.GetStream().WriteAsync(some, _ending.Token);
        }
    }

    private bool IsHere(ReadOnlySpan<byte> sent) => CutAt switch
    {
        CutAt.BeforeCommit or CutAt.AfterCommit => sent.IndexOf("COMMIT\0"u8) >= 0,
        CutAt.DuringCopy => sent.IndexOf("PGCOPY\n"u8) >= 0,
        _ => false,
    };

    // The client's side breaks first; then the commit goes out, and the server is left time to do it: it closes when it has read the end.
    private async Task CommitUnheardAsync(TcpClient client, TcpClient server, ReadOnlyMemory<byte> commit)
    {
        client.Client.Close(0);
        await server.GetStream().WriteAsync(commit, _ending.Token);
        server.Client.Shutdown(SocketShutdown.Send);
    }
}
