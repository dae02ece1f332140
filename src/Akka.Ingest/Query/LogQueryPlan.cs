namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Text;
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

    /// <summary>What every match fulfils, in forms that an index may serve. Only hints: <see cref="Residual"/> says it too.</summary>
    public ImmutableArray<LogQueryHint> Hints { get; init; } = [];

    /// <summary>True when an event that fulfils all <see cref="Hints"/>, exactly as they are defined, fulfils <see cref="Residual"/>.</summary>
    public bool AreHintsComplete { get; init; } = true;

    /// <summary>Every match has this trace id; null where the query does not say.</summary>
    public string? TraceId => Hints.OfType<LogQueryHint.FieldIn>().FirstOrDefault(hint => hint.Field == EventField.TraceId && hint.Values.Length == 1) is { } trace
        ? Encoding.UTF8.GetString(trace.Values[0])
        : null;

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
