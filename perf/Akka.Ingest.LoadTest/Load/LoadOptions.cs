namespace Akka.Ingest.LoadTest.Load;

/// <summary>How the events of a request are written.</summary>
internal enum BodyFormat
{
    Ndjson,
    Array,
    Clef,
}

/// <summary>One load: what is sent, how fast, for how long, and what is measured beside it.</summary>
internal sealed record LoadOptions
{
    /// <summary>Base address of the server, without a path.</summary>
    public Uri Url { get; init; } = new("http://127.0.0.1:5341");

    /// <summary>Path of the ingest call; null = the one that belongs to the format.</summary>
    public string? Path { get; init; }

    /// <summary>Keep-alive connections, one request in flight on each.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Events a request.</summary>
    public int Batch { get; init; } = 1_000;

    /// <summary>Events a second, open loop; 0 = closed loop, as fast as the connections allow.</summary>
    public double Rate { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>NDJSON file of events, sent line by line as they stand; null = made-up events.</summary>
    public string? SourceFile { get; init; }

    public BodyFormat Format { get; init; } = BodyFormat.Ndjson;

    /// <summary>Bodies are compressed once, before the load; their timestamps are then not renewed.</summary>
    public bool Gzip { get; init; }

    /// <summary>Every request carries an <c>Idempotency-Key</c> of its own.</summary>
    public bool Keyed { get; init; }

    public string? ApiKey { get; init; }

    /// <summary>Distinct bodies over all connections; each connection has at least four.</summary>
    public int Bodies { get; init; } = 64;

    public int? ServerPid { get; init; }

    /// <summary>Server assembly to start on a temporary data folder; measured, and stopped with SIGTERM at the end.</summary>
    public string? StartServer { get; init; }

    public IReadOnlyList<string> ServerEnvironment { get; init; } = [];

    /// <summary>Data folder of a server that was not started here, to measure bytes on disk and to lock the store.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Keep the temporary data folder and the server's output.</summary>
    public bool Keep { get; init; }

    public bool WaitDrained { get; init; }

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The SQLite store file is held by an exclusive transaction while the load runs.</summary>
    public bool LockStore { get; init; }

    /// <summary>Metric of the events accepted and not yet stored; its series are added up.</summary>
    public string BacklogMetric { get; init; } = "akka_ingest_spool_backlog";

    /// <summary>Counter of the events stored; its series are added up.</summary>
    public string StoredMetric { get; init; } = "akka_ingest_delivery_events";

    /// <summary>Result file.</summary>
    public string? JsonFile { get; init; }

    public int BodiesPerConnection => Math.Max(Batch < 50 ? 64 : 4, Bodies / Connections);

    public string IngestPath => Path ?? (Format == BodyFormat.Clef ? "/ingest/clef" : "/api/v1.0/logs");

    public string MediaType => Format switch
    {
        BodyFormat.Array => "application/json",
        BodyFormat.Clef => "application/vnd.serilog.clef",
        _ => "application/x-ndjson",
    };
}
