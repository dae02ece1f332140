namespace Akka.Ingest.LoadTest.Load;

using System.Globalization;

/// <summary>Reads <c>--name value</c> pairs over the defaults of a scenario.</summary>
internal static class CommandLine
{
    public const string Usage = """
        Akka.Ingest.LoadTest [SCENARIO] [OPTION...]

        scenarios  run (default: only what the options say), batches, batches-nodelivery, store, sustained, single, outage,
                   self-check (the generator against a server of its own that stalls), stub (that server alone)

          --url URL               address of the server                        http://127.0.0.1:5341
          --path PATH             ingest call                                  the one of the format
          --connections N         keep-alive connections                       4
          --batch N               events a request                             1000
          --rate N                events a second, open loop; 0 = closed loop  0
          --duration T            90, 90s, 2m, 500ms                           30s
          --warmup T              load before the measured time                10s
          --source FILE           NDJSON events, sent as they stand            made-up events of about 280 bytes
          --format F              ndjson, array, clef                          ndjson
          --gzip                  compress the bodies (before the load)
          --keyed                 an Idempotency-Key for every request
          --api-key KEY           sent as X-Api-Key
          --bodies N              distinct bodies over all connections         64
          --server-pid PID        measure this process
          --start-server DLL      start this server on a temporary folder, measure it, stop it with SIGTERM
          --provider P            store of that server, as in Storage:Provider
          --server-env K=V        setting for that server (repeatable)
          --data FOLDER           data folder of a server started elsewhere
          --keep                  keep the temporary folder
          --wait-drained          after the load, wait until everything is stored
          --drain-timeout T                                                    10m
          --lock-store            hold the SQLite store locked during the load
          --backlog-metric NAME   --stored-metric NAME
          --json FILE             write the result
        """;

    /// <exception cref="FormatException">An option is unknown, incomplete or out of range; the message says which.</exception>
    public static LoadOptions Parse(ReadOnlySpan<string> args, LoadOptions defaults)
    {
        var options = defaults;
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (Switch(name, options) is { } switched)
                options = switched;
            else if (++i < args.Length)
                options = Value(name, args[i], options);
            else
                throw new FormatException($"{name} is unknown or lacks its value");
        }

        return options;
    }

    private static LoadOptions? Switch(string name, LoadOptions options) => name switch
    {
        "--gzip" => options with { Gzip = true },
        "--keyed" => options with { Keyed = true },
        "--keep" => options with { Keep = true },
        "--wait-drained" => options with { WaitDrained = true },
        "--lock-store" => options with { LockStore = true },
        _ => null,
    };

    private static LoadOptions Value(string name, string value, LoadOptions options) => name switch
    {
        "--url" => options with { Url = new Uri(value, UriKind.Absolute) },
        "--path" => options with { Path = value },
        "--connections" => options with { Connections = (int)Number(name, value, 1, 10_000) },
        "--batch" => options with { Batch = (int)Number(name, value, 1, 1_000_000) },
        "--rate" => options with { Rate = Number(name, value, 0, 1e9) },
        "--duration" => options with { Duration = Time(name, value) },
        "--warmup" => options with { Warmup = Time(name, value) },
        "--source" => options with { SourceFile = value },
        "--format" => options with { Format = Format(value) },
        "--api-key" => options with { ApiKey = value },
        "--bodies" => options with { Bodies = (int)Number(name, value, 1, 100_000) },
        "--server-pid" => options with { ServerPid = (int)Number(name, value, 1, int.MaxValue) },
        "--start-server" => options with { StartServer = System.IO.Path.GetFullPath(value) },
        "--provider" => options with { ServerEnvironment = [.. options.ServerEnvironment, "Storage__Provider=" + value] },
        "--server-env" => options with { ServerEnvironment = [.. options.ServerEnvironment, Setting(value)] },
        "--data" => options with { DataFolder = System.IO.Path.GetFullPath(value) },
        "--drain-timeout" => options with { DrainTimeout = Time(name, value) },
        "--backlog-metric" => options with { BacklogMetric = value },
        "--stored-metric" => options with { StoredMetric = value },
        "--json" => options with { JsonFile = value },
        _ => throw new FormatException($"{name} is not an option"),
    };

    private static double Number(string name, string value, double lowest, double highest) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
        && number >= lowest && number <= highest
            ? number
            : throw new FormatException($"{name} takes a number from {lowest} to {highest}, not {value}");

    private static TimeSpan Time(string name, string value)
    {
        var digits = value.AsSpan().TrimEnd("hms");
        var seconds = Number(name, digits.ToString(), 0, 1e6);
        return value[digits.Length..] switch
        {
            "" or "s" => TimeSpan.FromSeconds(seconds),
            "ms" => TimeSpan.FromMilliseconds(seconds),
            "m" => TimeSpan.FromMinutes(seconds),
            "h" => TimeSpan.FromHours(seconds),
            _ => throw new FormatException($"{name} takes a time such as 30s or 2m, not {value}"),
        };
    }

    private static BodyFormat Format(string value) =>
        Enum.TryParse<BodyFormat>(value, ignoreCase: true, out var format) && Enum.IsDefined(format)
            ? format
            : throw new FormatException($"--format takes ndjson, array or clef, not {value}");

    private static string Setting(string value) =>
        value.IndexOf('=', StringComparison.Ordinal) > 0 ? value : throw new FormatException($"--server-env takes K=V, not {value}");
}
