namespace Akka.Ingest.Query;

using Akka.Ingest.Model;

internal enum FilterValueKind : byte
{
    Absent,
    Null,
    Text,
    Number,
    Boolean,
    Level,
    Instant,
    Composite,
}

/// <summary>The value of a path in one event.</summary>
internal readonly ref struct FilterValue
{
    private FilterValue(FilterValueKind kind, ReadOnlySpan<byte> bytes = default, long integer = 0)
    {
        Kind = kind;
        Bytes = bytes;
        Integer = integer;
    }

    public FilterValueKind Kind { get; }

    /// <summary>Text unescaped, or the digits of a number. Valid until the <see cref="JsonText"/> given to <see cref="Of"/> is used again.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Severity, ticks or truth.</summary>
    public long Integer { get; }

    public static FilterValue Of(FilterPath path, in EventRecord record, in EventOrigin origin, JsonText text, Span<byte> idBuffer)
    {
        if (path.IsField)
        {
            var field = (EventField)path.Name;
            if (!record.Has(field))
                return default;
            return path.IsJson ? OfJson(JsonPlace.Find(record[field], path.Steps, text), text) : new(FilterValueKind.Text, record[field]);
        }

        switch (path.Name)
        {
            case FilterName.Level:
                return new(FilterValueKind.Level, SeverityNames.Utf8(record.Severity), (long)record.Severity);
            case FilterName.Timestamp:
                return new(FilterValueKind.Instant, integer: record.TimestampTicks);
            case FilterName.ReceivedAt:
                return new(FilterValueKind.Instant, integer: origin.ReceivedTicks);
            case FilterName.ApiKeyId:
                return origin.ApiKeyId.IsEmpty ? default : new(FilterValueKind.Text, origin.ApiKeyId);
            default:
                origin.Id.WriteTo(idBuffer);
                return new(FilterValueKind.Text, idBuffer[..EventId.TextLength]);
        }
    }

    private static FilterValue OfJson(ReadOnlySpan<byte> value, JsonText text) => JsonPlace.KindOf(value) switch
    {
        JsonKind.Absent => default,
        JsonKind.Null => new(FilterValueKind.Null),
        JsonKind.Text => new(FilterValueKind.Text, text.Read(value)),
        JsonKind.Number => new(FilterValueKind.Number, value.Trim(" \t\r\n"u8)),
        JsonKind.True => new(FilterValueKind.Boolean, integer: 1),
        JsonKind.False => new(FilterValueKind.Boolean, integer: 0),
        _ => new(FilterValueKind.Composite),
    };
}

/// <summary>Which record fields a filter reads.</summary>
internal static class FilterFields
{
    public static int Of(FilterNode node) => node switch
    {
        FilterNode.And and => and.Items.Aggregate(0, (fields, item) => fields | Of(item)),
        FilterNode.Or or => or.Items.Aggregate(0, (fields, item) => fields | Of(item)),
        FilterNode.Not not => Of(not.Item),
        FilterNode.Compare compare => Of(compare.Path),
        FilterNode.In some => Of(some.Path),
        FilterNode.Like like => Of(like.Path),
        FilterNode.IsNull isNull => Of(isNull.Path),
        FilterNode.Has has => Of(has.Path),
        FilterNode.TextSearch => (1 << (int)EventField.Message) | (1 << (int)EventField.MessageTemplate) | (1 << (int)EventField.Exception),
        _ => 0,
    };

    private static int Of(FilterPath path) => path.IsField ? 1 << (int)path.Name : 0;
}
