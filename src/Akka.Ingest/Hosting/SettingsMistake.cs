namespace Akka.Ingest.Hosting;

/// <summary>One wrong or contradictory setting.</summary>
/// <param name="Key">As in a settings file, for example <c>Storage:Provider</c>.</param>
/// <param name="Value">What stands there, secrets masked; null where nothing does.</param>
/// <param name="Allowed">What may stand there, for people.</param>
public sealed record SettingsMistake(string Key, string? Value, string Allowed)
{
    public override string ToString() => Value is null ? $"{Key} is not set. {Allowed}" : $"{Key} = \"{Value}\" is not allowed. {Allowed}";
}

/// <summary>The settings cannot be used; the process ends with <see cref="ExitCodes.Settings"/>.</summary>
public sealed class SettingsException(IReadOnlyList<SettingsMistake> mistakes)
    : Exception(string.Join(Environment.NewLine, mistakes))
{
    public IReadOnlyList<SettingsMistake> Mistakes { get; } = mistakes;
}
