namespace Akka.Ingest.Hosting;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

/// <summary>The list <c>ApiKeys</c> as one options object, so that a change while running is seen as a whole.</summary>
public sealed class ApiKeySettings
{
    public IList<ApiKeyOptions> Keys { get; set; } = [];

    /// <summary>What is wrong with the section; then <see cref="Keys"/> is empty and the keys in force stay.</summary>
    public IReadOnlyList<SettingsMistake> Mistakes { get; set; } = [];
}

/// <summary>Reads the section without ever throwing: a mistake in a file that is edited while the server runs must not stop it.</summary>
internal sealed class ConfigureApiKeys(IConfiguration configuration) : IConfigureOptions<ApiKeySettings>
{
    public void Configure(ApiKeySettings options)
    {
        var (mistakes, keys) = SettingsCheck.ReadApiKeys(configuration);
        options.Mistakes = mistakes;
        options.Keys = mistakes.Count == 0 ? [.. keys] : [];
    }
}
