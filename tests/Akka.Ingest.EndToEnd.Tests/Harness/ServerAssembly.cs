namespace Akka.Ingest.EndToEnd.Tests.Harness;

/// <summary>The server's build output, which the project reference puts beside the tests.</summary>
internal static class ServerAssembly
{
    /// <summary>Full path; the variable <c>INGEST_SERVER_DLL</c> puts another build to the test.</summary>
    public static string Path => Find();

    private static string Find()
    {
        var path = Environment.GetEnvironmentVariable("INGEST_SERVER_DLL")
            ?? System.IO.Path.Combine(AppContext.BaseDirectory, "Akka.Ingest.Server.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException("The server is not built.", path);
    }
}
