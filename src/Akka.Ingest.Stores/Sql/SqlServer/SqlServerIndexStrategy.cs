namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>The indexes, and which one serves a plan.</summary>
internal sealed class SqlServerIndexStrategy(Func<CancellationToken, Task<IReadOnlyList<IndexSize>>> readSizes) : ILogIndexStrategy
{
    public const string Time = "PK_Events";
    public const string Id = "Events_Id";
    public const string Level = "Events_Level";
    public const string Severe = "Events_Severe";
    public const string Trace = "Events_Trace";
    public const string Arrival = "PK_Appends";
    public const string Columnstore = "Events_Columns";

    private static readonly LogIndexDescriptor[] Descriptors =
    [
        new(Time, ["event_time", "spool", "partition", "ordinal"], "the events themselves: time ranges in time order"),
        new(Id, ["spool", "partition", "ordinal"], "reading an event by its id, order=received, and retention"),
        new(Level, ["event_time", "level"], "counts and histograms without a further filter read nothing else"),
        new(Severe, ["event_time", "spool", "partition", "ordinal", "level"], "time ranges of level Warning and above, which are few"),
        new(Trace, ["day", "trace_hash"], "all events of one trace"),
        new(Arrival, ["last_arrival"], "order=received: a row for each run of events that one append wrote"),
        new("Appends_Id", ["spool", "partition", "last_ordinal"], "from the id of an event to its place in the order of receipt"),
        new("Appends_Day", ["day", "last_arrival"], "retention: the oldest events of a day"),
        new(Columnstore, ["event_time", "level", "source", "category"], "counts and histograms over long ranges; with Storage:SqlServer:Columnstore"),
    ];

    /// <summary>The indexes that are there, with their sizes.</summary>
    public async Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken)
    {
        var sizes = (await readSizes(cancellationToken)).ToDictionary(size => size.Index, size => size.ReservedBytes);
        return [.. Descriptors.Where(index => sizes.ContainsKey(index.Name)).Select(index => index with { SizeBytes = sizes[index.Name] })];
    }

    public static string Choose(LogQueryPlan plan) => plan.Order == LogOrder.Received ? Arrival : ChooseByTime(plan);

    public static string ChooseByTime(LogQueryPlan plan) => plan.Levels.IsWithin(LevelSet.AtLeast(Severity.Warning)) ? Severe : Time;
}

/// <summary>Pages of one index, in bytes.</summary>
/// <param name="Table">Table of the index.</param>
/// <param name="Index">Its name.</param>
/// <param name="Number">1 = the clustered index, which is the table.</param>
/// <param name="ReservedBytes">Pages set aside for it.</param>
/// <param name="UsedBytes">Pages of those that hold something.</param>
/// <param name="Rows">Rows in it.</param>
internal sealed record IndexSize(string Table, string Index, int Number, long ReservedBytes, long UsedBytes, long Rows);
