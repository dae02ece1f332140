namespace Akka.Ingest.Parsing;

using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>
/// The names of the compact log event format (https://clef-json.org). Further <c>@</c> names, also those of Seq's spans
/// (<c>@i @r @ps @st @sk @ra @sa</c>), are kept under <c>properties</c> as sent; <c>@@x</c> is a property <c>@x</c>.
/// </summary>
internal sealed class ClefNames : EventNames
{
    public static readonly ClefNames Instance = new();

    public override bool NeedsContent => false;

    protected override void ReadMember(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft)
    {
        if (name.Length < 2 || name[0] != (byte)'@')
        {
            if (name.SequenceEqual("SourceContext"u8))
                draft.ReadMemberAndText(EventField.Category, ref reader, source);
            else
                draft.ReadMember(ref reader, source);
            return;
        }

        switch (name.Length)
        {
            case 2 when name[1] == (byte)'t':
                draft.ReadTimestamp(ref reader, source, offsetIsOptional: true);
                break;
            case 2 when name[1] == (byte)'m':
                draft.ReadText(EventField.Message, ref reader, source);
                break;
            case 2 when name[1] == (byte)'l':
                draft.ReadLevel(ref reader, source);
                break;
            case 2 when name[1] == (byte)'x':
                draft.ReadText(EventField.Exception, ref reader, source);
                break;
            case 3 when name.SequenceEqual("@mt"u8):
                draft.ReadText(EventField.MessageTemplate, ref reader, source);
                break;
            case 3 when name.SequenceEqual("@tr"u8):
                draft.ReadText(EventField.TraceId, ref reader, source);
                break;
            case 3 when name.SequenceEqual("@sp"u8):
                draft.ReadText(EventField.SpanId, ref reader, source);
                break;
            default:
                if (name[1] == (byte)'@')
                    draft.ReadEscapedMember(ref reader, source);
                else
                    draft.ReadMember(ref reader, source);
                break;
        }
    }
}
