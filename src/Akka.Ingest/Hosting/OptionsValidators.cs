namespace Akka.Ingest.Hosting;

using Microsoft.Extensions.Options;

// Ranges, for settings made in code; settings from files were looked at by SettingsCheck before.
[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;

[OptionsValidator]
internal sealed partial class SpoolOptionsValidator : IValidateOptions<SpoolOptions>;

[OptionsValidator]
internal sealed partial class ClusterOptionsValidator : IValidateOptions<ClusterOptions>;

[OptionsValidator]
internal sealed partial class OtlpOptionsValidator : IValidateOptions<OtlpOptions>;

[OptionsValidator]
internal sealed partial class RedactionOptionsValidator : IValidateOptions<RedactionOptions>;

/// <summary>The settings against one another.</summary>
/// <remarks>Asked with the spool, whose connection comes from the storage settings: the other way round they would wait for each other.</remarks>
internal sealed class DeploymentValidator(IOptions<StorageOptions> storage, IOptions<ClusterOptions> cluster) : IValidateOptions<SpoolOptions>
{
    public ValidateOptionsResult Validate(string? name, SpoolOptions options)
    {
        var mistakes = DeploymentRules.Check(storage.Value, options, cluster.Value);
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes.Select(mistake => mistake.ToString()));
    }
}
