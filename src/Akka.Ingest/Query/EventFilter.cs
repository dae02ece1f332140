namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>What a filter may ask of an event beside its record.</summary>
/// <param name="apiKeyId">UTF-8; empty for none.</param>
public readonly ref struct EventOrigin(EventId id, long receivedTicks, ReadOnlySpan<byte> apiKeyId)
{
    public EventId Id { get; } = id;
    public long ReceivedTicks { get; } = receivedTicks;
    public ReadOnlySpan<byte> ApiKeyId { get; } = apiKeyId;
}

/// <summary>
/// Decides whether an event matches, from its encoded bytes, without allocating. Every provider uses it, so a filter means the
/// same everywhere. Text compares by its UTF-8 bytes, which is the order of Unicode scalars.
/// </summary>
/// <remarks>Not thread-safe (it reuses buffers): one for each running query.</remarks>
public sealed class EventFilter
{
    private readonly FilterNode _node;
    private readonly CaseFolding _folding = new();
    private readonly JsonText _text = new();

    public EventFilter(FilterNode node)
    {
        _node = node;
        Fields = FilterFields.Of(node);
    }

    /// <summary>The record fields the filter reads, bit n = <see cref="EventField"/> n. Others may be missing from the record.</summary>
    public int Fields { get; }

    /// <summary>True when every event matches.</summary>
    public bool IsTrue => _node is FilterNode.Constant { Value: true };

    /// <exception cref="JsonException">A JSON field of the record is not JSON.</exception>
    public bool Matches(in EventRecord record, in EventOrigin origin) => Matches(_node, record, origin);

    private bool Matches(FilterNode node, in EventRecord record, in EventOrigin origin)
    {
        switch (node)
        {
            case FilterNode.Constant constant:
                return constant.Value;
            case FilterNode.And and:
                foreach (var item in and.Items)
                {
                    if (!Matches(item, record, origin))
                        return false;
                }

                return true;
            case FilterNode.Or or:
                foreach (var item in or.Items)
                {
                    if (Matches(item, record, origin))
                        return true;
                }

                return false;
            case FilterNode.Not not:
                return !Matches(not.Item, record, origin);
            case FilterNode.TextSearch search:
                return MatchesText(search.Pattern, record);
            case FilterNode.Compare compare:
                return Holds(compare.Operator, compare.Value, FilterValue.Of(compare.Path, record, origin, _text, stackalloc byte[EventId.TextLength]));
            case FilterNode.In some:
                return IsOneOf(some.Values, FilterValue.Of(some.Path, record, origin, _text, stackalloc byte[EventId.TextLength]));
            case FilterNode.Like like:
                var value = FilterValue.Of(like.Path, record, origin, _text, stackalloc byte[EventId.TextLength]);
                return value.Kind == FilterValueKind.Text && like.Pattern.MatchesFolded(_folding.Fold(value.Bytes));
            case FilterNode.IsNull isNull:
                return KindOf(isNull.Path, record, origin) is FilterValueKind.Absent or FilterValueKind.Null;
            case FilterNode.Has has:
                return KindOf(has.Path, record, origin) != FilterValueKind.Absent;
            default:
                throw new InvalidOperationException($"Unknown filter node {node.GetType().Name}.");
        }
    }

    private FilterValueKind KindOf(FilterPath path, in EventRecord record, in EventOrigin origin) =>
        FilterValue.Of(path, record, origin, _text, stackalloc byte[EventId.TextLength]).Kind;

    private bool MatchesText(LikePattern pattern, in EventRecord record)
    {
        var message = record[record.Has(EventField.Message) ? EventField.Message : EventField.MessageTemplate];
        return pattern.MatchesFolded(_folding.Fold(message))
            || (record.Has(EventField.Exception) && pattern.MatchesFolded(_folding.Fold(record[EventField.Exception])));
    }

    private static bool IsOneOf(ImmutableArray<FilterLiteral> literals, in FilterValue value)
    {
        foreach (var literal in literals)
        {
            if (Holds(FilterOperator.Equal, literal, value))
                return true;
        }

        return false;
    }

    private static bool Holds(FilterOperator comparison, FilterLiteral literal, in FilterValue value)
    {
        int order;
        switch (literal)
        {
            case FilterLiteral.Text text when value.Kind == FilterValueKind.Text:
                order = value.Bytes.SequenceCompareTo(text.Utf8);
                break;
            case FilterLiteral.Number number when value.Kind == FilterValueKind.Number:
                order = JsonNumber.Compare(value.Bytes, number.Digits);
                break;
            case FilterLiteral.Boolean boolean when value.Kind == FilterValueKind.Boolean:
                order = (value.Integer != 0).CompareTo(boolean.Value);
                break;
            case FilterLiteral.Level level when value.Kind == FilterValueKind.Level:
                order = value.Integer.CompareTo((long)level.Value);
                break;
            case FilterLiteral.Instant instant when value.Kind == FilterValueKind.Instant:
                order = value.Integer.CompareTo(instant.Ticks);
                break;
            default:
                return false;
        }

        return comparison switch
        {
            FilterOperator.Equal => order == 0,
            FilterOperator.NotEqual => order != 0,
            FilterOperator.Less => order < 0,
            FilterOperator.LessOrEqual => order <= 0,
            FilterOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
