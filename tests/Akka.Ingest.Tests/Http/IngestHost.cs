namespace Akka.Ingest.Tests.Http;

using System.Net.Http.Headers;
using System.Text;
using Akka.Ingest.Delivery;
using Akka.Ingest.Hosting;
using Akka.Ingest.Http;
using Akka.Ingest.Operations;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

/// <summary>The HTTP side on a real server and a free port, over a fake queue and store.</summary>
internal sealed class IngestHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private IngestHost(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }
    public HttpClient Client { get; }
    public IServiceProvider Services => _app.Services;
    public FakeIngestionQueue Queue => (FakeIngestionQueue)Services.GetRequiredService<ILogIngestionQueue>();
    public FakeStore Store => (FakeStore)Services.GetRequiredService<ILogStore>();
    public FakeDeadLetters DeadLetters => (FakeDeadLetters)Services.GetRequiredService<IDeadLetterIndex>();
    public InFlightBudget Budget => Services.GetRequiredService<InFlightBudget>();
    public IConfigurationRoot Configuration => (IConfigurationRoot)_app.Configuration;

    public static Task<IngestHost> StartAsync(params string[] settings) => StartAsync(TimeProvider.System, settings);

    /// <param name="time">Clock of our own code; the server's transport has its own.</param>
    /// <param name="settings">Each <c>Key=Value</c>.</param>
    public static async Task<IngestHost> StartAsync(TimeProvider time, params string[] settings)
    {
        var folder = Path.Combine(Path.GetTempPath(), "akka-ingest-tests", Guid.NewGuid().ToString("N"));
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Append($"Storage:Path={folder}").Select(setting =>
        {
            var parts = setting.Split('=', 2);
            return KeyValuePair.Create(parts[0], (string?)parts[1]);
        }));
        builder.AddIngestSettings();
        builder.AddIngestServer();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<DataFolderLease>();
        builder.Services.AddIngestHttp();
        builder.Services.AddSingleton<ILogIngestionQueue, FakeIngestionQueue>();
        builder.Services.AddSingleton<FakeDeadLetters>();
        builder.Services.AddSingleton<IDeadLetterIndex>(services => services.GetRequiredService<FakeDeadLetters>());
        builder.Services.AddSingleton<IDeadLetterRetention>(services => services.GetRequiredService<FakeDeadLetters>());
        builder.Services.AddSingleton<IReadOnlyList<DeliveryStatus>>([new DeliveryStatus(0), new DeliveryStatus(1)]);
        builder.Services.AddSingleton<ILogStore, FakeStore>();
        builder.Services.AddIngestOperations();
        var app = builder.Build();
        app.Services.GetRequiredService<DataFolderLease>().Take();
        app.MapIngestCalls();
        app.MapGroup("").RequireScope(ApiScopes.Read).MapGet("/test/read", () => "read");
        app.MapOperations();
        app.StopAcceptingOnShutdown();
        await app.StartAsync();
        return new IngestHost(app, folder);
    }

    public Task StopAsync() => _app.StopAsync();

    public Task<HttpResponseMessage> PostAsync(string path, string body, string? contentType = "application/json", params (string Name, string Value)[] headers) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body), contentType, headers);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        return await SendAsync(path, content, contentType, headers);
    }

    public async Task<HttpResponseMessage> SendAsync(string path, HttpContent content, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                content.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Queue.StopAccepting();
        await _app.DisposeAsync();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
