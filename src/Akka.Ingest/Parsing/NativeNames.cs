namespace Akka.Ingest.Parsing;

using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>The service's own names. Any other name is kept under <c>properties</c>.</summary>
internal sealed class NativeNames : EventNames
{
    public static readonly NativeNames Instance = new();

    public override bool NeedsContent => true;

    protected override void ReadMember(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source, EventDraft draft)
    {
        switch (name.Length)
        {
            case 4 when name.SequenceEqual("host"u8):
                draft.ReadText(EventField.Host, ref reader, source);
                break;
            case 4 when name.SequenceEqual("body"u8):
                draft.ReadJson(EventField.Body, ref reader, source);
                break;
            case 5 when name.SequenceEqual("level"u8):
                draft.ReadLevel(ref reader, source);
                break;
            case 6 when name.SequenceEqual("source"u8):
                draft.ReadText(EventField.Source, ref reader, source);
                break;
            case 6 when name.SequenceEqual("spanId"u8):
                draft.ReadText(EventField.SpanId, ref reader, source);
                break;
            case 7 when name.SequenceEqual("message"u8):
                draft.ReadText(EventField.Message, ref reader, source);
                break;
            case 7 when name.SequenceEqual("traceId"u8):
                draft.ReadText(EventField.TraceId, ref reader, source);
                break;
            case 7 when name.SequenceEqual("headers"u8):
                draft.ReadJson(EventField.Headers, ref reader, source);
                break;
            case 8 when name.SequenceEqual("category"u8):
                draft.ReadText(EventField.Category, ref reader, source);
                break;
            case 9 when name.SequenceEqual("timestamp"u8):
                draft.ReadTimestamp(ref reader, source, offsetIsOptional: false);
                break;
            case 9 when name.SequenceEqual("exception"u8):
                draft.ReadText(EventField.Exception, ref reader, source);
                break;
            case 10 when name.SequenceEqual("properties"u8):
                draft.ReadJson(EventField.Properties, ref reader, source);
                break;
            case 11 when name.SequenceEqual("environment"u8):
                draft.ReadText(EventField.Environment, ref reader, source);
                break;
            case 15 when name.SequenceEqual("messageTemplate"u8):
                draft.ReadText(EventField.MessageTemplate, ref reader, source);
                break;
            default:
                draft.ReadMember(ref reader, source);
                break;
        }
    }
}
