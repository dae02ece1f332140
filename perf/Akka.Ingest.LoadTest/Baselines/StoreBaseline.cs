namespace Akka.Ingest.LoadTest.Baselines;

using System.Diagnostics;
using Akka.Ingest.LoadTest.Load;
using Akka.Ingest.LoadTest.Server;

/// <summary>What the plain driver, or plain writes to a file, reach with the rows that the server has just stored, on the same machine in the same run.</summary>
/// <param name="How">For people.</param>
/// <param name="Events">Events written.</param>
/// <param name="EventsPerSecond">Everything flushed, in transactions of <see cref="BatchSize"/>.</param>
internal sealed record StoreBaseline(string How, long Events, double EventsPerSecond)
{
    /// <summary>Events a transaction; the server's own default.</summary>
    public const int BatchSize = 5_000;

    /// <summary>Rows read back from the store and written again.</summary>
    private const int MaxRows = 500_000;

    /// <summary>Null where the provider has no plain driver to compare with here.</summary>
    public static async Task<StoreBaseline?> MeasureAsync(ServerUnderTest server)
    {
        var store = server.DataFolder is null ? null : Path.Combine(server.DataFolder, "store");
        return Provider(server.Options) switch
        {
            "Sqlite" when store is not null => SqliteBaseline.Measure(Path.Combine(store, "events.db"), MaxRows),
            "File" or "Segmented" when store is not null => FileBaseline.Measure(store),
            "PostgreSql" => await PostgreSqlBaseline.MeasureAsync(Setting(server.Options, "Storage__ConnectionString")!, MaxRows),
            _ => null,
        };
    }

    public static string Provider(LoadOptions options) => Setting(options, "Storage__Provider") ?? "Sqlite";

    /// <summary>Runs the writes and makes a result of them.</summary>
    public static StoreBaseline Time(string how, long events, Action write)
    {
        var start = Stopwatch.GetTimestamp();
        write();
        return new StoreBaseline(how, events, Math.Round(events / Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    private static string? Setting(LoadOptions options, string name) =>
        options.ServerEnvironment.LastOrDefault(setting => setting.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];
}
