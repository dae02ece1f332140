namespace Akka.Ingest.Parsing;

using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Akka.Ingest.Redaction;

/// <summary>
/// Events as elements of a JSON array, at the top or as the <c>Events</c> of an object. A broken array cannot be picked up
/// again behind the mistake, so it is refused as a whole.
/// </summary>
internal static class ArrayForm
{
    /// <summary>True when the body starts like <c>{"Events":[</c>.</summary>
    public static bool IsEnvelope(ReadOnlySpan<byte> body)
    {
        if (!TryTake(ref body, (byte)'{') || !TryTake(ref body, (byte)'"') || body.Length < 7
            || !Ascii.EqualsIgnoreCase(body[..6], "events"u8) || body[6] != (byte)'"')
            return false;
        body = body[7..];
        return TryTake(ref body, (byte)':') && TryTake(ref body, (byte)'[');
    }

    /// <summary>Reads a body that is an array.</summary>
    public static void ReadArray(ReadOnlySpan<byte> body, in EventReading reading) => Read(body, isEnvelope: false, in reading);

    /// <summary>Reads a body for which <see cref="IsEnvelope"/> is true.</summary>
    public static void ReadEnvelope(ReadOnlySpan<byte> body, in EventReading reading) => Read(body, isEnvelope: true, in reading);

    private static void Read(ReadOnlySpan<byte> body, bool isEnvelope, in EventReading reading)
    {
        var isValidUtf8 = Utf8.IsValid(body);
        long element = 0;
        try
        {
            var reader = new Utf8JsonReader(body, RedactionWalk.ReaderOptions);
            reader.Read();
            if (isEnvelope)
            {
                reader.Read();
                reader.Read();
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                element++;
                ReadElement(ref reader, body, isValidUtf8, element, in reading);
                if (reading.Sink.IsDone)
                    return;
            }

            // What else the envelope holds is not kept, but must be JSON, and nothing may follow.
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            reading.Sink.Fail(isValidUtf8 ? EventFault.Malformed(error) : EventFault.InvalidUtf8, Math.Max(element, 1));
        }
    }

    private static void ReadElement(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, bool isValidUtf8, long number, in EventReading reading)
    {
        var start = (int)reader.TokenStartIndex;
        var fault = EventFault.NotAnObject;
        if (reader.TokenType == JsonTokenType.StartObject)
            fault = reading.Names.Read(ref reader, body, reading.Draft);
        else
            reader.Skip();
        var raw = body[start..(int)reader.BytesConsumed];
        if (!isValidUtf8 && !Utf8.IsValid(raw))
            fault = EventFault.InvalidUtf8;
        else if (raw.Length > reading.MaxEventBytes)
            fault = EventFault.TooLarge(reading.MaxEventBytes);
        if (fault is null)
            reading.Sink.Accept(reading.Draft, body);
        else
            reading.Sink.Reject(fault, raw, number);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> body, byte wanted)
    {
        body = body.TrimStart(" \t\r\n"u8);
        if (body.IsEmpty || body[0] != wanted)
            return false;
        body = body[1..];
        return true;
    }
}
