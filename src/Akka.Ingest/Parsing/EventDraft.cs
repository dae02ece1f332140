namespace Akka.Ingest.Parsing;

using System.Numerics;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Redaction;

/// <summary>
/// One event while it is read: where the bytes of each field lie, either in the body itself or, if they had to be unescaped
/// or redacted, in scratch memory. Nothing is copied before the record is written. Used again for the next event.
/// </summary>
/// <remarks>
/// Each method that takes a reader expects it on a property name and leaves it on the last token of the value. JSON null is
/// the same as absent. A field given twice keeps the last value, the earlier one goes to the properties. A text field that
/// is no string keeps its JSON as text.
/// </remarks>
internal sealed class EventDraft(RedactionWalk walk) : IDisposable
{
    public const int MaxDepth = 64;
    private const int TimestampSlot = EventFields.Count;
    private const int LevelSlot = EventFields.Count + 1;

    private readonly Utf8Buffer _texts = new();
    private readonly DraftMembers _members = new(walk);
    private DraftSlots _slots;
    private int _present;
    private long _ticks;
    private int _fractionDigits;
    private Severity _severity;
    private EventFault? _fault;

    /// <summary>The first mistake; null while there is none.</summary>
    public EventFault? Fault => walk.IsTooDeep ? EventFault.TooDeep : _fault;

    /// <param name="depth">The reader's depth at the event's opening brace.</param>
    public void Begin(int depth)
    {
        _texts.Clear();
        _members.Clear();
        _present = 0;
        _severity = Severity.Information;
        _fault = null;
        walk.DepthLimit = depth + MaxDepth;
        walk.IsTooDeep = false;
    }

    /// <summary>True when the event says anything: a message, template, exception or body, be it empty.</summary>
    public bool HasContent => Has(EventField.Message) || Has(EventField.MessageTemplate) || Has(EventField.Exception) || Has(EventField.Body);

    public bool Has(EventField field) => (_present & (1 << (int)field)) != 0;

    public void ReadText(EventField field, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        var name = (int)reader.TokenStartIndex;
        reader.Read();
        if (reader.TokenType != JsonTokenType.Null)
            SetText(ref Take((int)field, name, ref reader, source), field, ref reader, source);
    }

    /// <summary>Keeps the member as a property and, if it is a string, as a field too.</summary>
    public void ReadMemberAndText(EventField field, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        var isSecret = walk.Rules.IsSensitive(ref reader);
        _members.Add(ref reader, source);
        if (isSecret || reader.TokenType != JsonTokenType.String || Has(field))
            return;
        SetText(ref Take((int)field, (int)reader.TokenStartIndex, ref reader, source), field, ref reader, source);
    }

    public void ReadJson(EventField field, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        var name = (int)reader.TokenStartIndex;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (field != EventField.Body && (reader.TokenType != JsonTokenType.StartObject || walk.Rules.MasksField(field)))
        {
            _members.Add(name, ref reader, source, mask: walk.Rules.MasksField(field));
            return;
        }

        ref var slot = ref Take((int)field, name, ref reader, source);
        var start = _texts.Length;
        if (walk.Redact(ref reader, source, slot.ValueStart, _texts))
            slot.Set(start, _texts.Length - start, isScratch: true);
        else
            slot.Set(slot.ValueStart, (int)reader.BytesConsumed - slot.ValueStart, isScratch: false);
        slot.ValueEnd = (int)reader.BytesConsumed;
        if (field == EventField.Body)
            LimitBody(ref slot, source);
    }

    /// <summary>Takes a string among the explicit properties as a field too.</summary>
    public void TakeTextFromProperties(ReadOnlySpan<byte> name, EventField field, ReadOnlySpan<byte> source)
    {
        if (!Has(EventField.Properties) || Has(field))
            return;
        ref readonly var properties = ref _slots[(int)EventField.Properties];
        var offset = properties.ValueStart;
        var json = source[offset..properties.ValueEnd];
        var reader = new Utf8JsonReader(json, RedactionWalk.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueSpan.SequenceEqual(name) && !walk.Rules.IsSensitive(ref reader);
            reader.Read();
            if (isWanted && reader.TokenType == JsonTokenType.String)
            {
                ref var slot = ref Take((int)field, (int)reader.TokenStartIndex, ref reader, json);
                SetText(ref slot, field, ref reader, json);
                if (!slot.IsScratch)
                    slot.Start += offset;
                return;
            }

            reader.Skip();
        }
    }

    public void ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> source) => _members.Add(ref reader, source);

    /// <summary>Keeps the member under its name without the first character, an at sign.</summary>
    public void ReadEscapedMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> source) => _members.AddWithoutAt(ref reader, source);

    public void ReadTimestamp(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, bool offsetIsOptional)
    {
        var name = (int)reader.TokenStartIndex;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        ref var slot = ref Take(TimestampSlot, name, ref reader, source);
        if (!JsonText.TryGetShort(ref reader, out var text)
            || !TimestampText.TryParse(text, offsetIsOptional, out _ticks, out _fractionDigits))
            _fault ??= offsetIsOptional ? EventFault.BadClefTimestamp : EventFault.BadTimestamp;
        reader.Skip();
        slot.ValueEnd = (int)reader.BytesConsumed;
    }

    public void ReadLevel(ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        var name = (int)reader.TokenStartIndex;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        ref var slot = ref Take(LevelSlot, name, ref reader, source);
        var isKnown = reader.TokenType == JsonTokenType.Number
            ? reader.TryGetInt32(out var number) && SeverityText.TryFromNumber(number, out _severity)
            : JsonText.TryGetShort(ref reader, out var text) && SeverityText.TryParse(text, out _severity);
        if (!isKnown)
        {
            _severity = Severity.Information;
            _members.Add("level"u8, ref reader, source);
        }

        slot.ValueEnd = (int)reader.BytesConsumed;
    }

    /// <param name="source">What the reader read.</param>
    /// <param name="receivedAt">Stands in for an absent timestamp.</param>
    public void WriteTo(EventRecordWriter records, ReadOnlySpan<byte> source, DateTime receivedAt)
    {
        var isDated = (_present & (1 << TimestampSlot)) != 0;
        records.Begin(isDated ? _ticks : receivedAt.Ticks, isDated ? _fractionDigits : 7, _severity);
        var properties = ReadOnlySpan<byte>.Empty;
        for (var left = _present & ((1 << EventFields.Count) - 1); left != 0; left &= left - 1)
        {
            var field = (EventField)BitOperations.TrailingZeroCount(left);
            var bytes = Bytes(in _slots[(int)field], source);
            if (field == EventField.Properties)
                properties = bytes;
            else if (field.IsJson())
                AppendJson(records, field, bytes);
            else
                records.Append(field, bytes);
        }

        if (!_members.IsEmpty)
            properties = _members.Close(properties);
        if (!properties.IsEmpty)
            AppendJson(records, EventField.Properties, properties);
        records.End();
    }

    public void Dispose()
    {
        _texts.Dispose();
        _members.Dispose();
    }

    /// <summary>Line breaks between tokens are taken out: a record must fit into a line of the file store as it is.</summary>
    private void AppendJson(EventRecordWriter records, EventField field, ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAny((byte)'\n', (byte)'\r'))
        {
            records.Append(field, json);
            return;
        }

        var compact = walk.Rent();
        JsonText.AppendCompact(compact, json);
        records.Append(field, compact.Written);
        walk.Return(compact);
    }

    private ref DraftSlot Take(int index, int name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        ref var slot = ref _slots[index];
        if ((_present & (1 << index)) != 0)
            _members.AddEarlier(source[slot.NameStart..slot.ValueEnd], slot.ValueStart - slot.NameStart, MasksSlot(index));
        _present |= 1 << index;
        slot.NameStart = name;
        slot.ValueStart = (int)reader.TokenStartIndex;
        return ref slot;
    }

    private bool MasksSlot(int index) => index < EventFields.Count && walk.Rules.MasksField((EventField)index);

    private void SetText(ref DraftSlot slot, EventField field, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        var start = _texts.Length;
        if (walk.Rules.MasksField(field))
        {
            reader.Skip();
            _texts.Append(walk.Rules.MaskText);
            slot.Set(start, _texts.Length - start, isScratch: true);
        }
        else if (reader.TokenType != JsonTokenType.String)
        {
            var isMasked = walk.Redact(ref reader, source, slot.ValueStart, _texts);
            slot.Set(isMasked ? start : slot.ValueStart, isMasked ? _texts.Length - start : (int)reader.BytesConsumed - slot.ValueStart, isMasked);
        }
        else if (reader.ValueIsEscaped)
        {
            _texts.Advance(JsonText.Unescape(reader.ValueSpan, _texts.Reserve(reader.ValueSpan.Length)));
            RedactScratch(start);
            slot.Set(start, _texts.Length - start, isScratch: true);
        }
        else if (walk.Rules.MayConcern(reader.ValueSpan) && walk.RedactText(reader.ValueSpan, _texts))
        {
            slot.Set(start, _texts.Length - start, isScratch: true);
        }
        else
        {
            slot.Set(slot.ValueStart + 1, reader.ValueSpan.Length, isScratch: false);
        }

        slot.ValueEnd = (int)reader.BytesConsumed;
    }

    private void RedactScratch(int start)
    {
        var text = _texts.Written[start..];
        if (!walk.Rules.MayConcern(text))
            return;
        var masked = walk.Rent();
        if (walk.RedactText(text, masked))
        {
            _texts.Truncate(start);
            _texts.Append(masked.Written);
        }

        walk.Return(masked);
    }

    private void LimitBody(ref DraftSlot slot, ReadOnlySpan<byte> source)
    {
        if (walk.Rules.MasksField(EventField.Body))
        {
            var start = _texts.Length;
            _texts.Append(walk.Rules.MaskJson);
            slot.Set(start, _texts.Length - start, isScratch: true);
        }
        else if (slot.Length > walk.Rules.MaxBodyLength)
        {
            var cut = walk.Rent();
            BodyLimit.AppendCut(cut, Bytes(in slot, source), walk.Rules.MaxBodyLength);
            var start = _texts.Length;
            _texts.Append(cut.Written);
            slot.Set(start, _texts.Length - start, isScratch: true);
            walk.Return(cut);
        }
    }

    private ReadOnlySpan<byte> Bytes(in DraftSlot slot, ReadOnlySpan<byte> source) =>
        (slot.IsScratch ? _texts.Written : source).Slice(slot.Start, slot.Length);
}
