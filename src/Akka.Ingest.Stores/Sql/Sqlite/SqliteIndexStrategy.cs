namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>The indexes, and which one serves a plan.</summary>
internal sealed class SqliteIndexStrategy : ILogIndexStrategy
{
    public const string Time = "Events_Time";
    public const string Severe = "Events_Severe";
    public const string Trace = "Events_Trace";
    public const string Arrival = "Events (arrival)";

    private static readonly LogIndexDescriptor[] Descriptors =
    [
        new(Arrival, ["arrival"], "order=received, and reading an event by its id"),
        new(Time, ["timestamp", "id", "level"], "time ranges in time order; counts and histograms without a further filter read nothing else"),
        new(Severe, ["timestamp", "id", "level"], "the same for level Warning and above, which are few"),
        new(Trace, ["arrival >> 16", "substr(trace_id, 1, 8)"], "all events of one trace"),
    ];

    public Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<LogIndexDescriptor>>(Descriptors);

    public static string Choose(LogQueryPlan plan)
    {
        if (plan.Order == LogOrder.Received)
            return Arrival;
        if (plan.TraceId is not null)
            return Trace;
        return ChooseByTime(plan);
    }

    public static string ChooseByTime(LogQueryPlan plan) => plan.Levels.IsWithin(LevelSet.AtLeast(Severity.Warning)) ? Severe : Time;
}
