namespace Akka.Ingest.Query;

using System.Collections.Immutable;

public enum FilterOperator : byte
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>
/// A filter expression, parsed and immutable. <see cref="object.ToString"/> gives it back in the filter language.
/// </summary>
/// <remarks>
/// Two-valued: what cannot be compared (an absent value, JSON null, text with a number) compares as false with every operator,
/// <c>&lt;&gt;</c> included, and <c>not</c> of false is true.
/// </remarks>
public abstract record FilterNode
{
    private FilterNode()
    {
    }

    public static readonly FilterNode True = new Constant(true);
    public static readonly FilterNode False = new Constant(false);

    public sealed record Constant(bool Value) : FilterNode
    {
        public override string ToString() => Value ? "true" : "false";
    }

    public sealed record And(ImmutableArray<FilterNode> Items) : FilterNode
    {
        public override string ToString() => string.Join(" and ", Items.Select(Inner));
    }

    public sealed record Or(ImmutableArray<FilterNode> Items) : FilterNode
    {
        public override string ToString() => string.Join(" or ", Items.Select(Inner));
    }

    public sealed record Not(FilterNode Item) : FilterNode
    {
        public override string ToString() => "not " + Inner(Item);
    }

    public sealed record Compare(FilterPath Path, FilterOperator Operator, FilterLiteral Value) : FilterNode
    {
        public override string ToString() => $"{Path} {Symbol(Operator)} {Value}";
    }

    public sealed record Like(FilterPath Path, LikePattern Pattern) : FilterNode
    {
        public override string ToString() => $"{Path} like {FilterLiteral.Text.Of(Pattern.Source)}";
    }

    public sealed record In(FilterPath Path, ImmutableArray<FilterLiteral> Values) : FilterNode
    {
        public override string ToString() => $"{Path} in ({string.Join(", ", Values)})";
    }

    /// <summary>True for absent and for JSON null.</summary>
    public sealed record IsNull(FilterPath Path) : FilterNode
    {
        public override string ToString() => $"{Path} is null";
    }

    /// <summary>True unless absent; a JSON null is there.</summary>
    public sealed record Has(FilterPath Path) : FilterNode
    {
        public override string ToString() => $"has({Path})";
    }

    /// <summary>
    /// The query parameter <c>text</c>: a substring of the message (of the template as written, where there is no message) or
    /// of the exception, ignoring case.
    /// </summary>
    public sealed record TextSearch(LikePattern Pattern) : FilterNode
    {
        public override string ToString() => $"text like {FilterLiteral.Text.Of(Pattern.Source)}";
    }

    /// <summary>Joins conjuncts, folding constants and nested conjunctions.</summary>
    public static FilterNode AllOf(IEnumerable<FilterNode> items) => Join(items, isAnd: true);

    /// <summary>Joins alternatives, folding constants and nested alternatives.</summary>
    public static FilterNode AnyOf(IEnumerable<FilterNode> items) => Join(items, isAnd: false);

    public static FilterNode Negate(FilterNode item) => item switch
    {
        Constant constant => constant.Value ? False : True,
        Not not => not.Item,
        _ => new Not(item),
    };

    private static FilterNode Join(IEnumerable<FilterNode> items, bool isAnd)
    {
        var kept = ImmutableArray.CreateBuilder<FilterNode>();
        foreach (var item in items)
        {
            if (item is Constant constant)
            {
                if (constant.Value != isAnd)
                    return constant.Value ? True : False;
            }
            else if (isAnd && item is And and)
            {
                kept.AddRange(and.Items);
            }
            else if (!isAnd && item is Or or)
            {
                kept.AddRange(or.Items);
            }
            else
            {
                kept.Add(item);
            }
        }

        return kept.Count switch
        {
            0 => isAnd ? True : False,
            1 => kept[0],
            _ => isAnd ? new And(kept.ToImmutable()) : new Or(kept.ToImmutable()),
        };
    }

    private static string Inner(FilterNode node) => node is And or Or ? $"({node})" : node.ToString();

    private static string Symbol(FilterOperator symbol) => symbol switch
    {
        FilterOperator.Equal => "=",
        FilterOperator.NotEqual => "<>",
        FilterOperator.Less => "<",
        FilterOperator.LessOrEqual => "<=",
        FilterOperator.Greater => ">",
        _ => ">=",
    };
}
