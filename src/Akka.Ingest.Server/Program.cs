using Akka.Ingest.Hosting;
using Akka.Ingest.Stores;

try
{
    // Settings files lie beside the program; data folders are relative to the working directory.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddIngest();
    builder.Services.AddLogStores();
    await using var app = builder.Build();
    app.MapIngest();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception exception) when (StartFailure.Of(exception) is { } failure)
{
    failure.WriteTo(Console.Error);
    return failure.ExitCode;
}

public partial class Program;
