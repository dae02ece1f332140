namespace Akka.Ingest.Query;

using Akka.Ingest.Model;

public enum LogOrder : byte
{
    /// <summary>Latest timestamp first; ties by id, highest first.</summary>
    Descending = 0,

    /// <summary>Earliest timestamp first; ties by id, lowest first.</summary>
    Ascending = 1,

    /// <summary>In the order in which the store took the events; what is stored later comes later.</summary>
    Received = 2,
}

/// <summary>A query as asked; null and empty mean no restriction.</summary>
public sealed record LogQueryRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    /// <summary>Inclusive, UTC.</summary>
    public DateTime? From { get; init; }

    /// <summary>Exclusive, UTC.</summary>
    public DateTime? To { get; init; }
    public Severity? MinLevel { get; init; }
    public IReadOnlyList<Severity> Levels { get; init; } = [];

    /// <summary>Substring of message or exception, ignoring case.</summary>
    public string? Text { get; init; }
    public string? Source { get; init; }
    public string? Category { get; init; }
    public string? TraceId { get; init; }

    /// <summary>Filter language, see <see cref="LogFilterParser"/>.</summary>
    public string? Filter { get; init; }
    public LogOrder Order { get; init; }

    /// <summary>At least 1; more than <see cref="MaxLimit"/> gives pages of that size.</summary>
    public int Limit { get; init; } = DefaultLimit;
    public string? Cursor { get; init; }

    /// <summary>With <see cref="LogOrder.Received"/>: id of the last event seen.</summary>
    public string? After { get; init; }
}

/// <summary>A query that cannot be planned.</summary>
/// <param name="Parameter">The parameter at fault.</param>
/// <param name="Detail">What is wrong and what is allowed; for people.</param>
/// <param name="Filter">Where in the filter, if it is the filter.</param>
public sealed record LogQueryError(string Parameter, string Detail, FilterError? Filter = null);

/// <summary>Outcome of planning.</summary>
public abstract record LogQueryPlanning
{
    private LogQueryPlanning()
    {
    }

    public sealed record Planned(LogQueryPlan Plan) : LogQueryPlanning;

    public sealed record Refused(LogQueryError Error) : LogQueryPlanning;
}
