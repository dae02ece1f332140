namespace Akka.Ingest.Query;

using Akka.Ingest.Model;

/// <summary>
/// A normalized query: what a store executes. The conditions are joined by "and"; those that an index can serve stand apart, and
/// <see cref="Residual"/> is what remains to be asked of each event.
/// </summary>
public sealed record LogQueryPlan
{
    /// <summary>Ticks UTC, inclusive; <see cref="long.MinValue"/> where the query is open at that end.</summary>
    public long FromTicks { get; init; } = long.MinValue;

    /// <summary>Ticks UTC, exclusive; <see cref="long.MaxValue"/> where the query is open at that end.</summary>
    public long ToTicks { get; init; } = long.MaxValue;

    public LevelSet Levels { get; init; } = LevelSet.All;

    /// <summary>Every match has this trace id. Only a hint for an index: the condition is part of <see cref="Residual"/> too.</summary>
    public string? TraceId { get; init; }

    public FilterNode Residual { get; init; } = FilterNode.True;
    public LogOrder Order { get; init; }

    /// <summary>Events a page, 1 to 1,000.</summary>
    public int Limit { get; init; } = LogQueryRequest.DefaultLimit;

    /// <summary>The page begins after this place.</summary>
    public LogCursor? Cursor { get; init; }

    /// <summary>
    /// With <see cref="LogOrder.Received"/>: the page begins after this event. A store that does not hold it any more begins with the
    /// oldest it has, so that a follower misses nothing.
    /// </summary>
    public EventId? After { get; init; }

    /// <summary>
    /// A page ends, with a cursor and perhaps no event, after this many were looked at: a request is bounded in time however
    /// rare its matches are.
    /// </summary>
    public int MaxScannedEvents { get; init; } = 2_000_000;

    /// <summary>A page ends early after this much time; a count or a histogram fails after it.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A page ends once its records reach this size.</summary>
    public int MaxPageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>True when no event can match; a store answers without looking.</summary>
    public bool IsEmpty => FromTicks >= ToTicks || Levels.IsEmpty || Residual is FilterNode.Constant { Value: false };

    /// <summary>A matcher for <see cref="Residual"/>, for one running query.</summary>
    public EventFilter CreateFilter() => new(Residual);
}
