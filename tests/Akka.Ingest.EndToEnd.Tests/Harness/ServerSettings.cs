namespace Akka.Ingest.EndToEnd.Tests.Harness;

/// <summary>Settings by environment variable, for example <c>["Storage__IngestionPipeline__BatchSize"] = "50"</c>.</summary>
internal sealed class ServerSettings : Dictionary<string, string>
{
    private const string Pipeline = "Storage__IngestionPipeline__";

    public ServerSettings()
        : base(StringComparer.Ordinal)
    {
    }

    public ServerSettings(ServerSettings other)
        : base(other, StringComparer.Ordinal)
    {
    }

    public static ServerSettings ForPipeline(params (string Name, long Value)[] values)
    {
        var settings = new ServerSettings();
        foreach (var (name, value) in values)
            settings[Pipeline + name] = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return settings;
    }
}
