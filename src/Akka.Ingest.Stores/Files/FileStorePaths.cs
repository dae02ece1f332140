namespace Akka.Ingest.Stores.Files;

using System.Globalization;

/// <summary>Names in the folder of the store.</summary>
internal sealed record FileStorePaths(string Folder)
{
    private const string DayFormat = "yyyy-MM-dd";
    public const string LinesExtension = ".ndjson";
    public const string IndexExtension = ".index";
    public const string TemporaryExtension = ".tmp";

    public string PositionsLog => Path.Combine(Folder, "positions.log");

    public string Lines(DateOnly day) => Path.Combine(Folder, LinesName(day));

    public string Index(DateOnly day) => Path.Combine(Folder, IndexName(day));

    public static string LinesName(DateOnly day) => NameOf(day) + LinesExtension;

    public static string IndexName(DateOnly day) => NameOf(day) + IndexExtension;

    /// <summary>Where a file is written before it takes its name.</summary>
    public static string Temporary(string path) => path + TemporaryExtension;

    /// <summary>The day a path is about; null for other files.</summary>
    public static DateOnly? DayOf(string path) =>
        Path.GetExtension(path) is LinesExtension or IndexExtension
        && DateOnly.TryParseExact(Path.GetFileNameWithoutExtension(path), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string NameOf(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}
