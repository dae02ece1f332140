namespace Akka.Ingest.LoadTest.Scenarios;

using System.Text.Json;
using System.Text.Json.Serialization;

[JsonSerializable(typeof(ScenarioResult))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ReportJson : JsonSerializerContext
{
    public static void Write(string file, ScenarioResult result)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(file, JsonSerializer.Serialize(result, Default.ScenarioResult) + "\n");
    }
}
