namespace Akka.Ingest.Parsing;

using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>
/// The names in Seq's older <c>{"Events":[…]}</c> form, in any case: old clients differ. Further names are kept under
/// <c>properties</c>.
/// </summary>
internal sealed class LegacySeqNames : EventNames
{
    public static readonly LegacySeqNames Instance = new();

    public override bool NeedsContent => false;

    protected override void ReadMember(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft)
    {
        if (Is(name, "timestamp"u8))
            draft.ReadTimestamp(ref reader, source, offsetIsOptional: true);
        else if (Is(name, "level"u8))
            draft.ReadLevel(ref reader, source);
        else if (Is(name, "messageTemplate"u8))
            draft.ReadText(EventField.MessageTemplate, ref reader, source);
        else if (Is(name, "renderedMessage"u8))
            draft.ReadText(EventField.Message, ref reader, source);
        else if (Is(name, "exception"u8))
            draft.ReadText(EventField.Exception, ref reader, source);
        else if (Is(name, "traceId"u8))
            draft.ReadText(EventField.TraceId, ref reader, source);
        else if (Is(name, "spanId"u8))
            draft.ReadText(EventField.SpanId, ref reader, source);
        else if (Is(name, "properties"u8))
            ReadProperties(ref reader, source, draft);
        else
            draft.ReadMember(ref reader, source);
    }

    private static void ReadProperties(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft)
    {
        draft.ReadJson(EventField.Properties, ref reader, source);
        draft.TakeTextFromProperties("SourceContext"u8, EventField.Category, source);
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
