namespace Akka.Ingest.EndToEnd.Tests.Harness;

using Akka.Ingest.Testing;

/// <summary>Settings for a server with another store than the default one, with nothing in it yet.</summary>
internal static class ProviderSettings
{
    public static async Task<ServerSettings> ForAsync(string provider)
    {
        var settings = new ServerSettings { ["Storage__Provider"] = provider };
        if (provider == "PostgreSql")
            settings["Storage__ConnectionString"] = await (await PrivatePostgres.SharedAsync()).NewDatabaseAsync();
        return settings;
    }
}
