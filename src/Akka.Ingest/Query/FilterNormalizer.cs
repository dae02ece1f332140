namespace Akka.Ingest.Query;

using System.Collections.Immutable;

/// <summary>
/// Rewrites a filter into a simpler one that every event answers the same: constants folded, repetitions and contradictions taken out,
/// equalities of one place joined, negations moved inward where that shows conditions an index can serve. Pure.
/// </summary>
/// <remarks>
/// The language is two-valued, so De Morgan's laws, double negation, and <c>x and not x</c> hold. A comparison must not be turned
/// around by <c>not</c>: with an absent value both are false. Only what every event has may be.
/// </remarks>
internal static class FilterNormalizer
{
    public static FilterNode Normalize(FilterNode node)
    {
        var simple = node switch
        {
            FilterNode.And and => Join(and.Items, isAnd: true),
            FilterNode.Or or => Join(or.Items, isAnd: false),
            FilterNode.Not not => Negate(Normalize(not.Item)),
            FilterNode.Compare compare => CanHold(compare.Path, compare.Value) ? compare : FilterNode.False,
            FilterNode.In some => FilterEqualities.OneOf(some.Path, [.. some.Values.Where(value => CanHold(some.Path, value))]),
            FilterNode.IsNull { Path: var path } when IsAlwaysThere(path) => FilterNode.False,
            FilterNode.Has { Path: var path } when IsAlwaysThere(path) => FilterNode.True,
            _ => node,
        };
        return FilterLevels.Of(simple) switch
        {
            { IsAll: true } => FilterNode.True,
            { IsEmpty: true } => FilterNode.False,
            _ => simple,
        };
    }

    private static FilterNode Join(ImmutableArray<FilterNode> items, bool isAnd)
    {
        // Joining first flattens what became a nested chain.
        var joined = isAnd ? FilterNode.AllOf(items.Select(Normalize)) : FilterNode.AnyOf(items.Select(Normalize));
        if ((isAnd ? (joined as FilterNode.And)?.Items : (joined as FilterNode.Or)?.Items) is not { } flat)
            return joined;

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var kept = flat.Where(item => seen.Add(item.ToString())).ToList();
        if (kept.Any(item => seen.Contains(FilterNode.Negate(item).ToString())))
            return isAnd ? FilterNode.False : FilterNode.True;
        var merged = FilterEqualities.Merge(kept, isAnd);
        return isAnd ? FilterNode.AllOf(merged) : FilterNode.AnyOf(merged);
    }

    private static FilterNode Negate(FilterNode item) => item switch
    {
        FilterNode.Or or => Normalize(new FilterNode.And([.. or.Items.Select(FilterNode.Negate)])),
        FilterNode.Compare { Path: var path } compare when path.Name is FilterName.Timestamp or FilterName.ReceivedAt =>
            compare with { Operator = Opposite(compare.Operator) },
        _ => FilterNode.Negate(item),
    };

    private static FilterOperator Opposite(FilterOperator comparison) => comparison switch
    {
        FilterOperator.Equal => FilterOperator.NotEqual,
        FilterOperator.NotEqual => FilterOperator.Equal,
        FilterOperator.Less => FilterOperator.GreaterOrEqual,
        FilterOperator.LessOrEqual => FilterOperator.Greater,
        FilterOperator.Greater => FilterOperator.LessOrEqual,
        _ => FilterOperator.Less,
    };

    private static bool IsAlwaysThere(FilterPath path) => path.Name is FilterName.Level or FilterName.Timestamp or FilterName.ReceivedAt or FilterName.Id;

    /// <summary>False where a text field is compared with a number or a boolean, which no operator makes true.</summary>
    private static bool CanHold(FilterPath path, FilterLiteral value) =>
        value is FilterLiteral.Text || path.IsJson || path.Name is FilterName.Level or FilterName.Timestamp or FilterName.ReceivedAt;
}
