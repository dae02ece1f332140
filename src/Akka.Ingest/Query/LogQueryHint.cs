namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Text;
using Akka.Ingest.Model;

/// <summary>
/// A condition that every match of a plan fulfils, in a form that an index may serve. <see cref="object.ToString"/> gives it in the
/// filter language.
/// </summary>
public abstract record LogQueryHint
{
    private LogQueryHint()
    {
    }

    /// <summary>The text field is there and equals one of the values, byte for byte.</summary>
    /// <param name="Field">A field that is not JSON.</param>
    /// <param name="Values">UTF-8; at least one.</param>
    public sealed record FieldIn(EventField Field, ImmutableArray<byte[]> Values) : LogQueryHint
    {
        public override string ToString() => FilterEqualities.OneOf(
            FilterPath.To((FilterName)Field), [.. Values.Select(value => new FilterLiteral.Text(value))]).ToString();
    }

    /// <summary>
    /// A place in a JSON field equals a text, number or boolean as the filter language compares them: numbers by value, the last of
    /// members with the same name.
    /// </summary>
    /// <param name="Field">A JSON field.</param>
    /// <param name="Steps">At least one.</param>
    /// <param name="Value">What it equals.</param>
    public sealed record JsonEquals(EventField Field, ImmutableArray<FilterStep> Steps, FilterLiteral Value) : LogQueryHint
    {
        public override string ToString() => new FilterNode.Compare(new FilterPath((FilterName)Field, Steps), FilterOperator.Equal, Value).ToString();
    }

    /// <summary>The parameter <c>text</c>: message (the template where there is no message) or exception has it, ignoring case.</summary>
    /// <param name="Folded">UTF-8, folded to upper case scalar by scalar as <see cref="LogText.Fold"/> does; not empty.</param>
    public sealed record TextContains(byte[] Folded) : LogQueryHint
    {
        public override string ToString() => new FilterNode.TextSearch(LikePattern.Containing(Encoding.UTF8.GetString(Folded))).ToString();
    }

    /// <summary>The hint that a conjunct gives; null where it gives none.</summary>
    internal static LogQueryHint? Of(FilterNode conjunct) => conjunct switch
    {
        FilterNode.Compare { Operator: FilterOperator.Equal, Value: FilterLiteral.Text text } compare when IsText(compare.Path) =>
            new FieldIn((EventField)compare.Path.Name, [text.Utf8]),
        FilterNode.In some when IsText(some.Path) && some.Values.Any(value => value is FilterLiteral.Text) =>
            new FieldIn((EventField)some.Path.Name, [.. some.Values.OfType<FilterLiteral.Text>().Select(value => value.Utf8)]),
        FilterNode.Compare { Operator: FilterOperator.Equal } compare when compare.Path.IsJson && compare.Path.Steps.Length > 0 =>
            new JsonEquals((EventField)compare.Path.Name, compare.Path.Steps, compare.Value),
        FilterNode.TextSearch search when search.Pattern.ContainedText is { Length: > 0 } folded => new TextContains(folded),
        _ => null,
    };

    private static bool IsText(FilterPath path) => path is { IsField: true, IsJson: false };
}

/// <summary>Text as <c>text</c> and <c>like</c> compare it.</summary>
public static class LogText
{
    /// <summary>Every scalar in its simple upper-case form of the invariant culture.</summary>
    public static byte[] Fold(ReadOnlySpan<byte> utf8) => new CaseFolding().Fold(utf8).ToArray();
}
