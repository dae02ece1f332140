namespace Akka.Ingest.Query;

using System.Text;

/// <summary>Which values a path can be compared with.</summary>
internal static class FilterOperands
{
    /// <summary>The literal as the path's type reads it; null with <paramref name="expected"/> where it can never be compared.</summary>
    public static FilterLiteral? Bind(FilterPath path, FilterOperator comparison, FilterLiteral value, out string expected)
    {
        expected = "";
        switch (path.Name)
        {
            case FilterName.Level:
                if (value is FilterLiteral.Text name && SeverityNames.TryParse(Encoding.UTF8.GetString(name.Utf8), out var severity))
                    return new FilterLiteral.Level(severity);
                expected = $"a level in single quotes: {SeverityNames.Expected}";
                return null;
            case FilterName.Timestamp or FilterName.ReceivedAt:
                if (value is FilterLiteral.Text time && Rfc3339.TryParse(Encoding.UTF8.GetString(time.Utf8), out var ticks))
                    return new FilterLiteral.Instant(ticks);
                expected = "an RFC 3339 time in single quotes, for example '2026-11-24T08:00:00Z'";
                return null;
            default:
                if (value is not FilterLiteral.Boolean || comparison is FilterOperator.Equal or FilterOperator.NotEqual)
                    return value;
                expected = "a text or a number: true and false have no order";
                return null;
        }
    }

    public static FilterOperator Flip(FilterOperator comparison) => comparison switch
    {
        FilterOperator.Less => FilterOperator.Greater,
        FilterOperator.LessOrEqual => FilterOperator.GreaterOrEqual,
        FilterOperator.Greater => FilterOperator.Less,
        FilterOperator.GreaterOrEqual => FilterOperator.LessOrEqual,
        _ => comparison,
    };
}
