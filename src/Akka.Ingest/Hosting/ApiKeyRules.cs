namespace Akka.Ingest.Hosting;

/// <summary>What the list <c>ApiKeys</c> must hold. Pure.</summary>
internal static class ApiKeyRules
{
    private static readonly string[] Scopes = ["ingest", "read", "admin"];

    public static IReadOnlyList<SettingsMistake> Check(IReadOnlyList<ApiKeyOptions> keys)
    {
        var mistakes = new List<SettingsMistake>();
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var path = $"ApiKeys:{i}";
            if (string.IsNullOrWhiteSpace(key.Id) || key.Id.Length > 128)
                mistakes.Add(new($"{path}:Id", string.IsNullOrWhiteSpace(key.Id) ? null : key.Id, "Allowed: a name of 1 to 128 characters."));
            else if (!ids.Add(key.Id))
                mistakes.Add(new($"{path}:Id", key.Id, "Another key has this name; each name is taken once."));
            CheckKey(key, path, mistakes);
            for (var s = 0; s < key.Scopes.Count; s++)
            {
                if (!Scopes.Contains(key.Scopes[s], StringComparer.OrdinalIgnoreCase))
                    mistakes.Add(new($"{path}:Scopes:{s}", key.Scopes[s], $"Allowed: {string.Join(", ", Scopes)}."));
            }
        }

        return mistakes;
    }

    private static void CheckKey(ApiKeyOptions key, string path, List<SettingsMistake> mistakes)
    {
        var hasKey = !string.IsNullOrWhiteSpace(key.Key);
        var hasHash = !string.IsNullOrWhiteSpace(key.KeyHash);
        if (hasKey == hasHash)
            mistakes.Add(new($"{path}:Key", hasKey ? SettingsWalk.Masked : null, "Give either Key or KeyHash."));
        else if (hasKey && key.Key!.Trim() == "null")
            mistakes.Add(new($"{path}:Key", SettingsWalk.Masked, "The text 'null' stands for no key and can't be one."));
        else if (hasHash && !(key.KeyHash!.Length == 64 && key.KeyHash.All(char.IsAsciiHexDigit)))
            mistakes.Add(new($"{path}:KeyHash", SettingsWalk.Masked, "Allowed: a SHA-256 as 64 hexadecimal digits."));
    }
}
