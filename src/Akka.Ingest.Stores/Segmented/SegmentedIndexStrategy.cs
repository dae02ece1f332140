namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Segmented.State;

/// <summary>What keeps a query from reading everything: statistics of every row group and frame, held in memory.</summary>
internal sealed class SegmentedIndexStrategy(Func<StoreState> state) : ILogIndexStrategy
{
    private const string Time = "segment_time";
    private const string Level = "segment_level";
    private const string Arrival = "segment_arrival";
    private const string Identity = "segment_id";
    private const string Day = "segment_day";
    private const int RangeBytes = 16;
    private const int LevelBytes = 24;

    /// <summary>Names of what prunes a plan.</summary>
    public static IReadOnlyList<string> Used(LogQueryPlan plan)
    {
        var first = plan.Order == LogOrder.Received ? Arrival : Time;
        return plan.Levels.IsAll ? [first] : [first, Level];
    }

    public Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken)
    {
        using var lease = state().Lease();
        long blocks = lease.View.Blocks.Count();
        return Task.FromResult<IReadOnlyList<LogIndexDescriptor>>(
        [
            new(Time, ["timestamp"], "Pages, counts and histograms of a time range: lowest and highest time of every row group and frame; rows are sorted.", blocks * RangeBytes),
            new(Level, ["level"], "Conditions on the level, and counts by level: events by level of every row group and frame.", blocks * LevelBytes),
            new(Arrival, ["arrival"], "order=received: lowest and highest arrival of every row group and frame.", blocks * RangeBytes),
            new(Identity, ["spool_id", "partition", "ordinal"], "One event by its id: ordinals of every row group and frame.", blocks * RangeBytes),
            new(Day, ["dt"], "Retention: a folder for each UTC day of receipt."),
        ]);
    }
}
