namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>The day indexes, described by what they are asked for.</summary>
internal sealed class FileIndexStrategy(Func<long> size) : ILogIndexStrategy
{
    public const string Time = "blocks by time and level";
    public const string Arrival = "blocks by arrival";
    private const string Runs = "runs of ids";

    public Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken)
    {
        // They are parts of the same files: the first one has their size.
        return Task.FromResult<IReadOnlyList<LogIndexDescriptor>>(
        [
            new(Time, ["timestamp", "level"], "time ranges and levels; counts and histograms without a further filter read little else", size()),
            new(Arrival, ["arrival"], "order=received", 0),
            new(Runs, ["spool", "partition", "ordinal"], "reading an event by its id", 0),
        ]);
    }

    public static string Choose(LogQueryPlan plan) => plan.Order == LogOrder.Received ? Arrival : Time;
}
