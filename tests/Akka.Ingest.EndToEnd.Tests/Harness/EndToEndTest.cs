namespace Akka.Ingest.EndToEnd.Tests.Harness;

using Xunit;
using Xunit.Abstractions;

/// <summary>A test with its own folder and servers, which are ended and deleted afterwards, whatever happened.</summary>
public abstract class EndToEndTest(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<ServerProcess> _servers = [];

    private protected ITestOutputHelper Output { get; } = output;

    private protected ServerFolder Folder { get; } = new();

    Task IAsyncLifetime.InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
            Output.WriteLine("--- last output of the server on port {0}:\n{1}", server.Port, server.Output.Tail(60));
        }

        Folder.Dispose();
    }

    private protected ServerProcess NewServer(ServerSettings? settings = null, params string[] wrapper)
    {
        var server = new ServerProcess(Folder, settings, wrapper);
        _servers.Add(server);
        return server;
    }

    private protected async Task<ServerProcess> StartServerAsync(ServerSettings? settings = null)
    {
        var server = NewServer(settings);
        await server.StartReadyAsync();
        return server;
    }
}
