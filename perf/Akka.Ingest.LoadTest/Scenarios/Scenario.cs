namespace Akka.Ingest.LoadTest.Scenarios;

using Akka.Ingest.LoadTest.Load;

/// <summary>A named set of options and the bars that its result is held against. Options on the command line win over these.</summary>
internal sealed record Scenario(string Name, LoadOptions Defaults, Func<IReadOnlyList<LoadResult>, IEnumerable<Bar>> Bars)
{
    /// <summary>Room for what a load without delivery piles up; the default capacity would refuse within half a minute.</summary>
    private const string LargeQueue = "Storage__IngestionPipeline__QueueCapacity=100000000";

    /// <summary>Soon full, so that requests are held and the rate is the one at which events are stored.</summary>
    private const string SmallQueue = "Storage__IngestionPipeline__QueueCapacity=400000";

    /// <summary>The second load is open loop at half the rate that the first one reached.</summary>
    public bool ThenHalfTheRate { get; init; }

    /// <summary>Afterwards the plain driver writes the same rows, to compare with.</summary>
    public bool ThenBaseline { get; init; }

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("run", new LoadOptions(), _ => []),
        new("batches", new LoadOptions { WaitDrained = true, ServerEnvironment = [LargeQueue] }, BatchBars),
        new("batches-nodelivery", new LoadOptions { WaitDrained = true, LockStore = true, ServerEnvironment = [LargeQueue] }, BatchBars),
        new("store", new LoadOptions { Duration = TimeSpan.FromMinutes(1), WaitDrained = true, ServerEnvironment = [SmallQueue] }, StoreBars) { ThenBaseline = true },
        new("sustained", new LoadOptions { Rate = 60_000, Duration = TimeSpan.FromMinutes(2), WaitDrained = true }, SustainedBars),
        new("single", new LoadOptions { Connections = 64, Batch = 1, WaitDrained = true, ServerEnvironment = [LargeQueue] }, SingleBars) { ThenHalfTheRate = true },
        new("outage", new LoadOptions { Rate = 20_000, Duration = TimeSpan.FromMinutes(10), WaitDrained = true, LockStore = true, ServerEnvironment = [LargeQueue] }, OutageBars),
    ];

    private static IEnumerable<Bar> BatchBars(IReadOnlyList<LoadResult> loads)
    {
        var load = loads[0];
        yield return new Bar("accepted and flushed", load.Client.AcceptedEventsPerSecond, "events/s", 150_000, AtLeast: true);
        if (load.Load.StoreLocked)
            yield return new Bar("server CPU up to the acknowledgement", load.Server.CpuMicrosecondsPerEventToAck, "us/event", 5, AtLeast: false);
        yield return Refused(load);
        yield return ExactlyOnce(load);
    }

    private static IEnumerable<Bar> StoreBars(IReadOnlyList<LoadResult> loads)
    {
        var load = loads[0];
        var provider = load.Provider;
        var stored = load.StoredEventsPerSecondEndToEnd;
        if (provider is "File" or "Segmented")
            yield return new Bar("end to end, stored", stored, "events/s", 150_000, AtLeast: true);
        if (provider is "Sqlite" or "PostgreSql")
            yield return new Bar("end to end, share of the plain driver", Math.Round(stored / load.Baseline?.EventsPerSecond * 100 ?? 0, 1), "%", 70, AtLeast: true);
        if (provider is "Segmented" or "PostgreSql")
            yield return new Bar("server CPU until stored and searchable", load.Server.CpuMicrosecondsPerEventToDrained, "us/event", provider == "Segmented" ? 7.5 : 8, AtLeast: false);
        yield return Refused(load);
        yield return ExactlyOnce(load);
    }

    private static IEnumerable<Bar> SustainedBars(IReadOnlyList<LoadResult> loads)
    {
        var load = loads[0];
        yield return new Bar("accepted", load.Client.AcceptedEventsPerSecond, "events/s", load.Load.TargetEventsPerSecond * 0.995, AtLeast: true);
        yield return new Bar("stored while under load", load.Delivery.StoredEventsPerSecond, "events/s", load.Load.TargetEventsPerSecond * 0.98, AtLeast: true);
        yield return new Bar("backlog growth (flat = below 1 % of the rate)", load.Delivery.GrowthPerSecond, "events/s", load.Load.TargetEventsPerSecond / 100, AtLeast: false);
        yield return new Bar("largest backlog (flat = below two seconds' events)", load.Delivery.BacklogMax, "events", load.Load.TargetEventsPerSecond * 2, AtLeast: false);
        yield return new Bar("peak RSS", load.Server.PeakRssMb, "MB", 400, AtLeast: false);
        yield return Refused(load);
        yield return ExactlyOnce(load);
    }

    private static IEnumerable<Bar> SingleBars(IReadOnlyList<LoadResult> loads)
    {
        yield return new Bar("single-event requests flushed", loads[0].Client.AcceptedRequestsPerSecond, "requests/s", 8_000, AtLeast: true);
        yield return new Bar("p99 at half that rate, from the intended time", loads[1].Client.LatencyMs.P99, "ms", 50, AtLeast: false);
        yield return Refused(loads[0]);
        yield return Refused(loads[1]);
        yield return ExactlyOnce(loads[1]);
    }

    private static IEnumerable<Bar> OutageBars(IReadOnlyList<LoadResult> loads)
    {
        var load = loads[0];
        yield return new Bar("accepted with the store stopped", load.Client.AcceptedEventsPerSecond, "events/s", load.Load.TargetEventsPerSecond * 0.995, AtLeast: true);
        yield return new Bar("peak RSS, draining included", load.Server.PeakRssMb, "MB", 500, AtLeast: false);
        yield return Refused(load);
        yield return new Bar("drained", load.Delivery.DrainedAfterSeconds is null ? 0 : 1, "yes = 1", 1, AtLeast: true);
        yield return ExactlyOnce(load);
    }

    private static Bar Refused(LoadResult load) => new("refused or lost requests", load.Client.Refusals.Values.Sum(), "requests", 0, AtLeast: false);

    private static Bar ExactlyOnce(LoadResult load) => new(
        "difference of stored and accepted events",
        load.Delivery.CountedAgainstAccepted is { } difference ? Math.Abs(difference) : null,
        "events",
        0,
        AtLeast: false);
}
