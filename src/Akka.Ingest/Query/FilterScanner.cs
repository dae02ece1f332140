namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Globalization;
using System.Text;

/// <summary>Reads the words of a filter, one after the other. Remembers the first mistake.</summary>
internal sealed class FilterScanner(string text)
{
    private int _at = SkipSpace(text, 0);

    public FilterError? Error { get; private set; }
    public int Position => _at;
    public bool AtEnd => _at == text.Length;

    /// <summary>True where a value begins.</summary>
    public bool PeekValue =>
        _at < text.Length && (text[_at] == '\'' || text[_at] == '-' || char.IsAsciiDigit(text[_at]) || IsWord("true") || IsWord("false"));

    public void Fail(string expected, int position) => Error ??= new FilterError(position, expected);

    public bool Take(char c)
    {
        if (_at == text.Length || text[_at] != c)
            return false;
        Advance(1);
        return true;
    }

    public bool TakeKeyword(string keyword)
    {
        if (!IsWord(keyword))
            return false;
        Advance(keyword.Length);
        return true;
    }

    /// <summary>Takes <c>has (</c>.</summary>
    public bool TakeHas()
    {
        if (!IsWord("has"))
            return false;
        var after = SkipSpace(text, _at + 3);
        if (after == text.Length || text[after] != '(')
            return false;
        Advance(after + 1 - _at);
        return true;
    }

    public FilterOperator? TakeOperator()
    {
        var rest = text.AsSpan(_at);
        (FilterOperator? found, var length) = rest switch
        {
            ['<', '>', ..] => (FilterOperator.NotEqual, 2),
            ['<', '=', ..] => (FilterOperator.LessOrEqual, 2),
            ['>', '=', ..] => (FilterOperator.GreaterOrEqual, 2),
            ['<', ..] => (FilterOperator.Less, 1),
            ['>', ..] => (FilterOperator.Greater, 1),
            ['=', ..] => ((FilterOperator?)FilterOperator.Equal, 1),
            _ => (null, 0),
        };
        Advance(length);
        return found;
    }

    public FilterLiteral? ReadValue()
    {
        if (_at < text.Length && text[_at] == '\'')
            return ReadQuoted() is { } quoted ? FilterLiteral.Text.Of(quoted) : null;
        if (TakeKeyword("true"))
            return new FilterLiteral.Boolean(true);
        if (TakeKeyword("false"))
            return new FilterLiteral.Boolean(false);
        var length = JsonNumber.LengthAt(text.AsSpan(_at));
        if (length == 0 || (_at + length < text.Length && (FilterSyntax.IsMemberCharacter(text[_at + length]) || text[_at + length] == '.')))
        {
            Fail(IsWord("null") ? "a value: absent and null are asked for with is null" : "a value: 'text', a number, true or false", _at);
            return null;
        }

        var digits = Encoding.ASCII.GetBytes(text.Substring(_at, length));
        Advance(length);
        return new FilterLiteral.Number(digits);
    }

    public FilterPath? ReadPath()
    {
        var start = _at;
        var end = _at;
        if (end < text.Length && FilterSyntax.IsNameStart(text[end]))
        {
            while (end < text.Length && FilterSyntax.IsMemberCharacter(text[end]))
                end++;
        }

        if (end == start || !FilterSyntax.TryGetName(text[start..end], out var name))
        {
            Fail(FilterSyntax.Names, start);
            return null;
        }

        _at = end;
        var steps = ImmutableArray.CreateBuilder<FilterStep>();
        while (_at < text.Length && text[_at] is '.' or '[')
        {
            if (!(FilterPath.To(name).IsJson))
            {
                Fail($"a comparison: {FilterSyntax.TextOf(name)} has no members", _at);
                return null;
            }

            if ((text[_at] == '.' ? ReadMember() : ReadBracket()) is not { } step)
                return null;
            steps.Add(step);
        }

        Advance(0);
        return new FilterPath(name, steps.ToImmutable());
    }

    private FilterStep? ReadMember()
    {
        var start = ++_at;
        while (_at < text.Length && FilterSyntax.IsMemberCharacter(text[_at]))
            _at++;
        if (_at > start)
            return FilterStep.ToMember(text[start.._at]);
        Fail("a member name; unusual ones as ['any name']", start);
        return null;
    }

    private FilterStep? ReadBracket()
    {
        _at = SkipSpace(text, _at + 1);
        FilterStep? step = null;
        if (_at < text.Length && text[_at] == '\'')
        {
            if (ReadQuoted() is not { } member)
                return null;
            step = FilterStep.ToMember(member);
        }
        else
        {
            var start = _at;
            while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                _at++;
            if (int.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                step = FilterStep.ToElement(index);
            else
                Fail("a member name in single quotes, or an index from 0", start);
            _at = SkipSpace(text, _at);
        }

        if (step is null)
            return null;
        if (_at == text.Length || text[_at] != ']')
        {
            Fail("]", _at);
            return null;
        }

        _at++;
        return step;
    }

    // A quote inside is doubled. Leaves the position after the closing quote and the space that follows.
    private string? ReadQuoted()
    {
        var value = new StringBuilder();
        for (var at = _at + 1; at < text.Length; at++)
        {
            if (text[at] != '\'')
            {
                value.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '\'')
            {
                value.Append('\'');
                at++;
            }
            else
            {
                Advance(at + 1 - _at);
                return value.ToString();
            }
        }

        Fail("a closing single quote", text.Length);
        return null;
    }

    private bool IsWord(string word) =>
        text.AsSpan(_at).StartsWith(word, StringComparison.OrdinalIgnoreCase)
        && (_at + word.Length == text.Length || !FilterSyntax.IsMemberCharacter(text[_at + word.Length]));

    private void Advance(int length) => _at = SkipSpace(text, _at + length);

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }
}
