namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

/// <summary>Walks a settings section along the options type it binds to. Runs once at start, so reflection is no concern.</summary>
internal sealed class SettingsWalk
{
    public const string Masked = "***";

    public List<SettingsMistake> Mistakes { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Visit(IConfigurationSection section, Type type)
    {
        if (ElementOf(type, typeof(IList<>)) is { } element)
            VisitList(section, element);
        else if (IsScalar(type))
            CheckScalar(section, type, property: null);
        else
            VisitObject(section, type);
    }

    private void VisitObject(IConfigurationSection section, Type type)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).ToList();
        foreach (var child in section.GetChildren())
        {
            var property = properties.Find(candidate => candidate.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                Warnings.Add($"{child.Path} is no setting of Akka.Ingest and has no effect. Known here: {string.Join(", ", properties.Select(known => known.Name))}.");
            else if (IsScalar(property.PropertyType))
                CheckScalar(child, property.PropertyType, property);
            else if (ElementOf(property.PropertyType, typeof(IDictionary<,>)) is null)
                Visit(child, property.PropertyType);
        }
    }

    private void VisitList(IConfigurationSection section, Type element)
    {
        // An empty JSON array comes as an empty text.
        if (!string.IsNullOrEmpty(section.Value))
            Mistakes.Add(new(section.Path, section.Value, $"Allowed: a list, as {section.Path}:0, {section.Path}:1 and so on."));
        foreach (var child in section.GetChildren())
            Visit(child, element);
    }

    private void CheckScalar(IConfigurationSection section, Type type, PropertyInfo? property)
    {
        var plain = Nullable.GetUnderlyingType(type);
        if (section.Value is not { } text)
        {
            if (section.GetChildren().Any())
                Mistakes.Add(new(section.Path, "(a section)", "Allowed: one value."));
            else if (type.IsValueType && plain is null)
                Mistakes.Add(new(section.Path, "null", Allowed(type, property)));
            return;
        }

        // An empty text stands for "not set" where that is possible.
        if (text.Length == 0 && plain is not null)
            return;
        if (!IsAllowed(text, plain ?? type, property))
            Mistakes.Add(new(section.Path, property?.IsDefined(typeof(SecretAttribute)) == true ? Masked : text, Allowed(plain ?? type, property)));
    }

    private static bool IsAllowed(string text, Type type, PropertyInfo? property)
    {
        if (type == typeof(string))
            return property?.GetCustomAttribute<RequiredAttribute>() is not { AllowEmptyStrings: false } || !string.IsNullOrWhiteSpace(text);
        if (type == typeof(bool))
            return bool.TryParse(text, out _);
        if (type.IsEnum)
            return Enum.GetNames(type).Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            || (type == typeof(int) && number is < int.MinValue or > int.MaxValue))
            return false;
        return RangeOf(property) is not { } range || (number >= range.Least && number <= range.Most);
    }

    private static string Allowed(Type type, PropertyInfo? property)
    {
        if (type == typeof(bool))
            return "Allowed: true, false.";
        if (type.IsEnum)
            return $"Allowed: {string.Join(", ", Enum.GetNames(type))}.";
        if (type == typeof(string))
            return "Allowed: a text that is not empty.";
        return RangeOf(property) is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"Allowed: a whole number from {range.Least} to {range.Most}.")
            : "Allowed: a whole number.";
    }

    // Attribute bounds of long settings are doubles; those above 2^53 only say "no limit".
    private static (long Least, long Most)? RangeOf(PropertyInfo? property) =>
        property?.GetCustomAttribute<RangeAttribute>() is { } range ? (ToLong(range.Minimum), ToLong(range.Maximum)) : null;

    private static long ToLong(object bound) => bound switch
    {
        int number => number,
        double number => number >= long.MaxValue ? long.MaxValue : (long)number,
        _ => Convert.ToInt64(bound, CultureInfo.InvariantCulture),
    };

    private static bool IsScalar(Type type) =>
        type == typeof(string) || type.IsValueType;

    private static Type? ElementOf(Type type, Type collection) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == collection ? type.GetGenericArguments()[^1] : null;
}
