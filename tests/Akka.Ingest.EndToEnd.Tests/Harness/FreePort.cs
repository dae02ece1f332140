namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Net;
using System.Net.Sockets;

/// <summary>
/// Ports for servers that come back on the same port. They lie below the range from which the kernel takes ports for
/// connections, so that no connection attempt of a client takes the port while the server is down.
/// </summary>
internal static class FreePort
{
    private const int Lowest = 21_000;
    private const int Highest = 31_000;

    public static int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException($"No free port between {Lowest} and {Highest}.");
    }
}
