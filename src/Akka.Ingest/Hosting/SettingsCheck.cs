namespace Akka.Ingest.Hosting;

using Microsoft.Extensions.Configuration;

/// <summary>
/// Looks at every setting before anything is built, so that all mistakes are told at once: first each value against its type and
/// range, then the values against one another.
/// </summary>
public static class SettingsCheck
{
    private static readonly (string Section, Type Type)[] Sections =
    [
        (StorageOptions.Section, typeof(StorageOptions)),
        (SpoolOptions.Section, typeof(SpoolOptions)),
        (ClusterOptions.Section, typeof(ClusterOptions)),
        (OtlpOptions.Section, typeof(OtlpOptions)),
        (ApiKeyOptions.Section, typeof(IList<ApiKeyOptions>)),
        (RedactionOptions.Section, typeof(RedactionOptions)),
    ];

    /// <summary>Mistakes stop the start; warnings (keys that nobody reads) do not.</summary>
    public static (IReadOnlyList<SettingsMistake> Mistakes, IReadOnlyList<string> Warnings) Run(IConfiguration configuration)
    {
        var walk = new SettingsWalk();
        foreach (var (section, type) in Sections)
            walk.Visit(configuration.GetSection(section), type);
        if (walk.Mistakes.Count > 0)
            return (walk.Mistakes, walk.Warnings);

        var storage = Bind<StorageOptions>(configuration, StorageOptions.Section);
        List<SettingsMistake> mistakes =
        [
            .. DeploymentRules.Check(
                storage,
                Bind<SpoolOptions>(configuration, SpoolOptions.Section),
                Bind<ClusterOptions>(configuration, ClusterOptions.Section)),
            .. ApiKeyRules.Check(configuration.GetSection(ApiKeyOptions.Section).Get<List<ApiKeyOptions>>() ?? []),
            .. RedactionRules.Check(Bind<RedactionOptions>(configuration, RedactionOptions.Section)),
        ];
        return (mistakes, walk.Warnings);
    }

    /// <summary>The API keys alone, for a change while running. Does not throw.</summary>
    internal static (IReadOnlyList<SettingsMistake> Mistakes, IReadOnlyList<ApiKeyOptions> Keys) ReadApiKeys(IConfiguration configuration)
    {
        var section = configuration.GetSection(ApiKeyOptions.Section);
        var walk = new SettingsWalk();
        walk.Visit(section, typeof(IList<ApiKeyOptions>));
        if (walk.Mistakes.Count > 0)
            return (walk.Mistakes, []);
        var keys = section.Get<List<ApiKeyOptions>>() ?? [];
        return (ApiKeyRules.Check(keys), keys);
    }

    private static T Bind<T>(IConfiguration configuration, string section)
        where T : new() => configuration.GetSection(section).Get<T>() ?? new T();
}
