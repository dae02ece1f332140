namespace Akka.Ingest.Hosting;

using System.Text.RegularExpressions;

/// <summary>What the section <c>Redaction</c> must hold. Pure.</summary>
internal static class RedactionRules
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<SettingsMistake> Check(RedactionOptions redaction)
    {
        var mistakes = new List<SettingsMistake>();
        foreach (var (name, pattern) in redaction.Patterns)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
            }
            catch (ArgumentException exception)
            {
                mistakes.Add(new($"Redaction:Patterns:{name}", pattern, $"Allowed: a regular expression. {exception.Message}"));
            }
        }

        return mistakes;
    }
}
