namespace Akka.Ingest.Parsing;

using System.Text.Json;
using Akka.Ingest.Redaction;

/// <summary>How one wire format names the fields of an event.</summary>
internal abstract class EventNames
{
    /// <summary>False where an event without any field is one all the same.</summary>
    public abstract bool NeedsContent { get; }

    /// <summary>Reads the event whose opening brace the reader stands on; leaves the reader on the closing one.</summary>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public EventFault? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft)
    {
        draft.Begin(reader.CurrentDepth);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (reader.ValueIsEscaped && name.Length <= 6 * 16)
                name = Unescape(name);
            ReadMember(name, ref reader, source, draft);
        }

        return draft.Fault ?? (NeedsContent && !draft.HasContent ? EventFault.NoContent : null);
    }

    protected abstract void ReadMember(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft);

    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> name)
    {
        var target = new byte[name.Length];
        return target.AsSpan(0, JsonText.Unescape(name, target));
    }
}
