namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Globalization;
using Akka.Ingest.Model;

/// <inheritdoc />
public sealed class LogQueryPlanner : ILogQueryPlanner
{
    public LogQueryPlanning Plan(LogQueryRequest request)
    {
        if (request.Limit < 1)
            return Refuse("limit", string.Create(CultureInfo.InvariantCulture, $"limit must be at least 1, it is {request.Limit}."));
        if (FindPlace(request, out var cursor, out var after) is { } misplaced)
            return new LogQueryPlanning.Refused(misplaced);

        var filter = FilterNode.True;
        if (!string.IsNullOrWhiteSpace(request.Filter))
        {
            if (!LogFilterParser.TryParse(request.Filter, out var parsed, out var error))
                return Refuse("filter", string.Create(CultureInfo.InvariantCulture, $"At position {error.Position} the filter should have {error.Expected}."), error);
            filter = parsed;
        }

        var conditions = new List<FilterNode> { filter };
        AddEquality(conditions, FilterName.Source, request.Source);
        AddEquality(conditions, FilterName.Category, request.Category);
        AddEquality(conditions, FilterName.TraceId, request.TraceId);
        if (!string.IsNullOrEmpty(request.Text))
            conditions.Add(new FilterNode.TextSearch(LikePattern.Containing(request.Text)));

        var levels = request.MinLevel is { } least ? LevelSet.AtLeast(least) : LevelSet.All;
        if (request.Levels.Count > 0)
            levels = levels.Intersect(LevelSet.Of(request.Levels));
        return new LogQueryPlanning.Planned(Push(FilterNormalizer.Normalize(FilterNode.AllOf(conditions)), new LogQueryPlan
        {
            FromTicks = request.From?.Ticks ?? long.MinValue,
            ToTicks = request.To?.Ticks ?? long.MaxValue,
            Levels = levels,
            Order = request.Order,
            Limit = Math.Min(request.Limit, LogQueryRequest.MaxLimit),
            Cursor = cursor,
            After = after,
        }));
    }

    private static LogQueryError? FindPlace(LogQueryRequest request, out LogCursor? cursor, out EventId? after)
    {
        cursor = null;
        after = null;
        if (!string.IsNullOrEmpty(request.Cursor))
        {
            if (!LogCursor.TryParse(request.Cursor, out var place))
                return new LogQueryError("cursor", "cursor is not one that a query of this service returned.");
            if (place.Order != request.Order)
                return new LogQueryError("cursor", "cursor belongs to a query in another order; repeat the order of the first page.");
            cursor = place;
        }

        if (string.IsNullOrEmpty(request.After))
            return null;
        if (request.Order != LogOrder.Received)
            return new LogQueryError("after", "after needs order=received.");
        if (cursor is not null)
            return new LogQueryError("after", "after and cursor exclude each other.");
        if (!EventId.TryParse(request.After, out var id))
            return new LogQueryError("after", "after is not the id of an event.");
        after = id;
        return null;
    }

    // Takes out of the conjunction what the range and the level set can hold.
    private static LogQueryPlan Push(FilterNode filter, LogQueryPlan plan)
    {
        var residual = new List<FilterNode>();
        var hints = ImmutableArray.CreateBuilder<LogQueryHint>();
        foreach (var conjunct in filter is FilterNode.And and ? and.Items : [filter])
        {
            if (FilterLevels.Of(conjunct) is { } levels)
                plan = plan with { Levels = plan.Levels.Intersect(levels) };
            else if (conjunct is FilterNode.Compare { Path.Name: FilterName.Timestamp, Value: FilterLiteral.Instant time } compare
                && compare.Operator != FilterOperator.NotEqual)
                plan = Narrow(plan, compare.Operator, time.Ticks);
            else
                residual.Add(conjunct);

            // One of several times lies between the first and the last; which it is remains to be asked.
            if (conjunct is FilterNode.In { Path.Name: FilterName.Timestamp } some)
            {
                var times = some.Values.OfType<FilterLiteral.Instant>().Select(instant => instant.Ticks).ToArray();
                plan = Narrow(Narrow(plan, FilterOperator.GreaterOrEqual, times.Min()), FilterOperator.LessOrEqual, times.Max());
            }
        }

        var kept = FilterNode.AllOf(residual);
        foreach (var conjunct in kept is FilterNode.And rest ? rest.Items : [kept])
        {
            if (LogQueryHint.Of(conjunct) is { } hint)
                hints.Add(hint);
        }

        var conditions = kept switch
        {
            FilterNode.Constant { Value: true } => 0,
            FilterNode.And all => all.Items.Length,
            _ => 1,
        };
        return plan with { Residual = kept, Hints = hints.ToImmutable(), AreHintsComplete = hints.Count == conditions };
    }

    private static LogQueryPlan Narrow(LogQueryPlan plan, FilterOperator comparison, long ticks)
    {
        var from = comparison switch
        {
            FilterOperator.Equal or FilterOperator.GreaterOrEqual => ticks,
            FilterOperator.Greater => ticks + 1,
            _ => long.MinValue,
        };
        var to = comparison switch
        {
            FilterOperator.Equal or FilterOperator.LessOrEqual => ticks + 1,
            FilterOperator.Less => ticks,
            _ => long.MaxValue,
        };
        return plan with { FromTicks = Math.Max(plan.FromTicks, from), ToTicks = Math.Min(plan.ToTicks, to) };
    }

    private static void AddEquality(List<FilterNode> conditions, FilterName name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            conditions.Add(new FilterNode.Compare(FilterPath.To(name), FilterOperator.Equal, FilterLiteral.Text.Of(value)));
    }

    private static LogQueryPlanning.Refused Refuse(string parameter, string detail, FilterError? filter = null) =>
        new(new LogQueryError(parameter, detail, filter));
}
