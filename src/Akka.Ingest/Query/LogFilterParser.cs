namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

/// <summary>
/// Reads the filter language:
/// <code>
/// or         = and { "or" and }
/// and        = not { "and" not }
/// not        = "not" not | "(" or ")" | "has" "(" path ")" | predicate
/// predicate  = path operator value | value operator path
///            | path ["not"] "like" text | path ["not"] "in" "(" value { "," value } ")" | path "is" ["not"] "null"
/// operator   = "=" | "&lt;&gt;" | "&lt;" | "&lt;=" | ">" | ">="
/// path       = name { "." member | "['" any name "']" | "[" index "]" }
/// value      = 'text' (a quote in it doubled) | JSON number | "true" | "false"
/// </code>
/// Keywords and top-level names in any case; members exactly as in the event.
/// </summary>
public sealed class LogFilterParser
{
    private readonly FilterScanner _scanner;
    private int _depth;

    private LogFilterParser(string text) => _scanner = new FilterScanner(text);

    /// <summary>Parses an expression of at most 8,192 characters and 64 levels; never throws for a mistake in it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out FilterNode? filter, [NotNullWhen(false)] out FilterError? error)
    {
        filter = null;
        error = text.Length > FilterSyntax.MaxLength ? new FilterError(FilterSyntax.MaxLength, $"at most {FilterSyntax.MaxLength} characters") : null;
        if (error is not null)
            return false;
        var parser = new LogFilterParser(text);
        filter = parser.ParseOr();
        if (filter is not null && !parser._scanner.AtEnd)
            filter = parser.Fail("and, or, or the end of the filter");
        error = filter is null ? parser._scanner.Error! : null;
        return filter is not null;
    }

    private FilterNode? ParseOr() => ParseChain("or", ParseAnd, FilterNode.AnyOf);

    private FilterNode? ParseAnd() => ParseChain("and", ParseNot, FilterNode.AllOf);

    private FilterNode? ParseChain(string keyword, Func<FilterNode?> parse, Func<IEnumerable<FilterNode>, FilterNode> join)
    {
        var items = new List<FilterNode>();
        do
        {
            if (parse() is not { } item)
                return null;
            items.Add(item);
        }
        while (_scanner.TakeKeyword(keyword));

        return join(items);
    }

    private FilterNode? ParseNot()
    {
        if (_depth == FilterSyntax.MaxDepth)
            return Fail($"at most {FilterSyntax.MaxDepth} levels of parentheses and not");
        _depth++;
        var node = ParseNested();
        _depth--;
        return node;
    }

    private FilterNode? ParseNested()
    {
        if (_scanner.TakeKeyword("not"))
            return ParseNot() is { } item ? FilterNode.Negate(item) : null;
        if (_scanner.Take('('))
            return ParseOr() is { } inner && Expect(')', "and, or, or )") ? inner : null;
        if (_scanner.TakeHas())
            return _scanner.ReadPath() is { } path && Expect(')', ". or )") ? new FilterNode.Has(path) : null;
        return ParsePredicate();
    }

    private FilterNode? ParsePredicate()
    {
        if (_scanner.PeekValue)
            return ParseFlipped();
        if (_scanner.ReadPath() is not { } path)
            return null;
        if (_scanner.TakeKeyword("is"))
            return ParseIsNull(path);
        if (_scanner.TakeKeyword("not"))
        {
            FilterNode? positive = _scanner.TakeKeyword("like") ? ParseLike(path) : _scanner.TakeKeyword("in") ? ParseIn(path) : Fail("like or in");
            return positive is null ? null : FilterNode.Negate(positive);
        }

        if (_scanner.TakeKeyword("like"))
            return ParseLike(path);
        if (_scanner.TakeKeyword("in"))
            return ParseIn(path);
        if (_scanner.TakeOperator() is not { } comparison)
            return Fail("a comparison (= <> < <= > >=), like, in, or is null");
        return ReadOperand(path, comparison) is { } value ? new FilterNode.Compare(path, comparison, value) : null;
    }

    private FilterNode? ParseFlipped()
    {
        var start = _scanner.Position;
        if (_scanner.ReadValue() is not { } value)
            return null;
        if (_scanner.TakeOperator() is not { } comparison)
            return Fail("a comparison (= <> < <= > >=)");
        if (_scanner.ReadPath() is not { } path)
            return null;
        return FilterOperands.Bind(path, comparison, value, out var expected) is { } bound
            ? new FilterNode.Compare(path, FilterOperands.Flip(comparison), bound)
            : Fail(expected, start);
    }

    private FilterNode? ParseIsNull(FilterPath path)
    {
        var negated = _scanner.TakeKeyword("not");
        if (!_scanner.TakeKeyword("null"))
            return Fail(negated ? "null" : "null or not null");
        var node = new FilterNode.IsNull(path);
        return negated ? FilterNode.Negate(node) : node;
    }

    private FilterNode? ParseLike(FilterPath path)
    {
        var start = _scanner.Position;
        if (path.Name is FilterName.Level or FilterName.Timestamp or FilterName.ReceivedAt)
            return Fail($"a comparison: {path} is not text", start);
        return _scanner.ReadValue() switch
        {
            null => null,
            FilterLiteral.Text text => new FilterNode.Like(path, LikePattern.Parse(Encoding.UTF8.GetString(text.Utf8))),
            _ => Fail("a text in single quotes", start),
        };
    }

    private FilterNode.In? ParseIn(FilterPath path)
    {
        if (!Expect('(', "("))
            return null;
        var values = ImmutableArray.CreateBuilder<FilterLiteral>();
        do
        {
            if (ReadOperand(path, FilterOperator.Equal) is not { } value)
                return null;
            values.Add(value);
        }
        while (_scanner.Take(','));

        return Expect(')', ", or )") ? new FilterNode.In(path, values.ToImmutable()) : null;
    }

    private FilterLiteral? ReadOperand(FilterPath path, FilterOperator comparison)
    {
        var start = _scanner.Position;
        if (_scanner.ReadValue() is not { } value)
            return null;
        var bound = FilterOperands.Bind(path, comparison, value, out var expected);
        if (bound is null)
            Fail(expected, start);
        return bound;
    }

    private bool Expect(char c, string expected)
    {
        if (_scanner.Take(c))
            return true;
        Fail(expected);
        return false;
    }

    private FilterNode? Fail(string expected, int? position = null)
    {
        _scanner.Fail(expected, position ?? _scanner.Position);
        return null;
    }
}
