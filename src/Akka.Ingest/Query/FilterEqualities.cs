namespace Akka.Ingest.Query;

using System.Collections.Immutable;

/// <summary>Joins equalities of one place: a place has one value, so "and" keeps what all allow, and "or" what any allows.</summary>
internal static class FilterEqualities
{
    /// <summary>The place has one of the values: no value is false, one is an equality, repeated ones go.</summary>
    public static FilterNode OneOf(FilterPath path, ImmutableArray<FilterLiteral> values)
    {
        var distinct = values.Where((value, at) => !values.Take(at).Any(before => AreSame(before, value))).ToImmutableArray();
        return distinct.Length switch
        {
            0 => FilterNode.False,
            1 => new FilterNode.Compare(path, FilterOperator.Equal, distinct[0]),
            _ => new FilterNode.In(path, distinct),
        };
    }

    /// <summary>One condition for each place, where the first of its equalities stood; everything else as it is.</summary>
    public static IEnumerable<FilterNode> Merge(IReadOnlyList<FilterNode> items, bool isAnd)
    {
        var byPath = items.Select(Equality).OfType<(FilterPath Path, ImmutableArray<FilterLiteral> Values)>().ToLookup(item => item.Path.ToString(), StringComparer.Ordinal);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (Equality(item) is not { } equality || byPath[equality.Path.ToString()].Count() == 1)
                yield return item;
            else if (done.Add(equality.Path.ToString()))
                yield return OneOf(equality.Path, Combine(byPath[equality.Path.ToString()].Select(other => other.Values), isAnd));
        }
    }

    private static ImmutableArray<FilterLiteral> Combine(IEnumerable<ImmutableArray<FilterLiteral>> sets, bool isAnd) => sets.Aggregate((left, right) =>
        isAnd ? [.. left.Where(value => right.Any(other => AreSame(value, other)))] : [.. left, .. right]);

    private static (FilterPath Path, ImmutableArray<FilterLiteral> Values)? Equality(FilterNode node) => node switch
    {
        FilterNode.Compare { Operator: FilterOperator.Equal } compare => (compare.Path, [compare.Value]),
        FilterNode.In some => (some.Path, some.Values),
        _ => null,
    };

    /// <summary>True when whatever equals the one equals the other.</summary>
    private static bool AreSame(FilterLiteral left, FilterLiteral right) => (left, right) switch
    {
        (FilterLiteral.Text a, FilterLiteral.Text b) => a.Utf8.AsSpan().SequenceEqual(b.Utf8),
        (FilterLiteral.Number a, FilterLiteral.Number b) => JsonNumber.Compare(a.Digits, b.Digits) == 0,
        _ => left == right,
    };
}
