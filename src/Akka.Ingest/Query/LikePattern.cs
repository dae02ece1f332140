namespace Akka.Ingest.Query;

using System.Text;

/// <summary>Pattern of <c>like</c>: <c>%</c> stands for any text, everything else for itself in either case.</summary>
public sealed class LikePattern : IEquatable<LikePattern>
{
    // Folded texts between the percent signs; the first is anchored at the start, the last at the end.
    private readonly byte[][] _segments;

    private LikePattern(string source, byte[][] segments)
    {
        Source = source;
        _segments = segments;
    }

    /// <summary>The pattern as written.</summary>
    public string Source { get; }

    /// <summary>The folded text, where the pattern asks for nothing but that it is contained.</summary>
    internal byte[]? ContainedText => _segments is [[], var text, []] ? text : null;

    public static LikePattern Parse(string pattern)
    {
        var folding = new CaseFolding();
        return new LikePattern(pattern, [.. pattern.Split('%').Select(part => folding.Fold(Encoding.UTF8.GetBytes(part)).ToArray())]);
    }

    /// <summary>Matches a text that has <paramref name="part"/> in it; percent signs in it stand for themselves.</summary>
    public static LikePattern Containing(string part)
    {
        var folded = new CaseFolding().Fold(Encoding.UTF8.GetBytes(part)).ToArray();
        return new LikePattern($"%{part}%", [[], folded, []]);
    }

    /// <summary>Matches text already folded by <see cref="CaseFolding"/>.</summary>
    internal bool MatchesFolded(ReadOnlySpan<byte> text)
    {
        var first = _segments[0];
        if (_segments.Length == 1)
            return text.SequenceEqual(first);
        var last = _segments[^1];
        if (text.Length < first.Length + last.Length || !text.StartsWith(first) || !text.EndsWith(last))
            return false;
        var rest = text[first.Length..^last.Length];
        for (var i = 1; i < _segments.Length - 1; i++)
        {
            var at = rest.IndexOf(_segments[i]);
            if (at < 0)
                return false;
            rest = rest[(at + _segments[i].Length)..];
        }

        return true;
    }

    public bool Equals(LikePattern? other) => other is not null && other.Source == Source;
    public override bool Equals(object? obj) => Equals(obj as LikePattern);
    public override int GetHashCode() => Source.GetHashCode(StringComparison.Ordinal);
}
