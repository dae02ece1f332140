namespace Akka.Ingest.Hosting;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

/// <summary>Where settings come from, and the options they are bound to.</summary>
internal static class IngestSettings
{
    /// <summary>
    /// Adds <c>appsettings.{Profile}.json</c> above the other files and below environment and command line, checks everything,
    /// and binds the options.
    /// </summary>
    /// <exception cref="SettingsException">Something is wrong or contradictory.</exception>
    public static void AddIngestSettings(this WebApplicationBuilder builder)
    {
        AddProfileFile(builder.Configuration);
        var (mistakes, warnings) = SettingsCheck.Run(builder.Configuration);
        foreach (var warning in warnings)
            Console.Error.WriteLine($"Warning: {warning}");
        if (mistakes.Count > 0)
            throw new SettingsException(mistakes);
        builder.Services.AddIngestOptions();
    }

    public static IServiceCollection AddIngestOptions(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.AddOptions<SpoolOptions>().BindConfiguration(SpoolOptions.Section).ValidateOnStart()
            .PostConfigure<IConfiguration>(UseConnectionOfStore);
        services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.Section).ValidateOnStart();
        services.AddOptions<OtlpOptions>().BindConfiguration(OtlpOptions.Section).ValidateOnStart();
        services.AddOptions<RedactionOptions>().BindConfiguration(RedactionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton<IValidateOptions<SpoolOptions>, DeploymentValidator>();
        services.AddSingleton<IValidateOptions<SpoolOptions>, SpoolOptionsValidator>();
        services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
        services.AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();
        services.AddSingleton<IValidateOptions<RedactionOptions>, RedactionOptionsValidator>();

        // Read anew whenever a settings source reports a change.
        services.AddSingleton<IConfigureOptions<ApiKeySettings>, ConfigureApiKeys>();
        services.AddSingleton<IOptionsChangeTokenSource<ApiKeySettings>>(provider =>
            new ConfigurationChangeTokenSource<ApiKeySettings>(Options.DefaultName, provider.GetRequiredService<IConfiguration>()));
        return services;
    }

    // From the configuration and not from IOptions<StorageOptions>, whose validation asks for these options.
    private static void UseConnectionOfStore(SpoolOptions spool, IConfiguration configuration)
    {
        if (!string.IsNullOrWhiteSpace(spool.ConnectionString))
            return;
        var storage = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        if (DeploymentRules.IsSameKind(storage.Provider, spool.Provider))
            spool.ConnectionString = storage.ConnectionString;
    }

    private static void AddProfileFile(ConfigurationManager configuration)
    {
        var profile = configuration["Storage:Deployment:Profile"];

        // A wrong profile has no file; the check names the mistake.
        if (!Enum.TryParse<DeploymentProfile>(profile ?? nameof(DeploymentProfile.SingleNode), ignoreCase: true, out var known))
            return;
        var last = configuration.Sources.Select((source, index) => (source, index))
            .LastOrDefault(entry => entry.source is JsonConfigurationSource { Path: { } path } && path.StartsWith("appsettings", StringComparison.Ordinal));
        if (last.source is JsonConfigurationSource file)
        {
            configuration.Sources.Insert(last.index + 1, new JsonConfigurationSource
            {
                Path = $"appsettings.{known}.json",
                FileProvider = file.FileProvider,
                Optional = true,
                ReloadOnChange = true,
            });
        }
    }
}
