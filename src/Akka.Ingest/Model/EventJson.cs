namespace Akka.Ingest.Model;

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

/// <summary>The JSON form of an event, as queries answer it, dead letters keep it and files hold it.</summary>
public static class EventJson
{
    private static readonly JsonEncodedText[] Names =
    [
        Name("message"), Name("messageTemplate"), Name("exception"), Name("traceId"), Name("spanId"), Name("source"),
        Name("host"), Name("environment"), Name("category"), Name("body"), Name("headers"), Name("properties"),
    ];

    private static readonly JsonEncodedText[] Severities =
        [Name("Trace"), Name("Debug"), Name("Information"), Name("Warning"), Name("Error"), Name("Critical")];

    private static readonly JsonEncodedText Timestamp = Name("timestamp");
    private static readonly JsonEncodedText Level = Name("level");

    /// <summary>Options for writers of events: every Unicode scalar as itself, no second validation.</summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes <c>{"id",…,"receivedAt","apiKeyId"}</c>.</summary>
    public static void Write(Utf8JsonWriter writer, in EventRecord record, EventId id, DateTime receivedAt, string apiKeyId)
    {
        writer.WriteStartObject();
        Span<byte> text = stackalloc byte[EventId.TextLength];
        id.WriteTo(text);
        writer.WriteString("id"u8, text);
        WriteFields(writer, record);
        writer.WriteString("receivedAt"u8, FormatTimestamp(receivedAt.Ticks, 7, stackalloc byte[32]));
        if (apiKeyId.Length > 0)
            writer.WriteString("apiKeyId"u8, apiKeyId);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of the event into an object that is already open.</summary>
    public static void WriteFields(Utf8JsonWriter writer, in EventRecord record)
    {
        writer.WriteString(Timestamp, FormatTimestamp(record.TimestampTicks, record.FractionDigits, stackalloc byte[32]));
        writer.WriteString(Level, Severities[(int)record.Severity]);
        for (var field = 0; field < EventFields.Count; field++)
        {
            if (!record.Has((EventField)field))
                continue;
            if (((EventField)field).IsJson())
            {
                writer.WritePropertyName(Names[field]);
                writer.WriteRawValue(record[(EventField)field], skipInputValidation: true);
            }
            else
            {
                writer.WriteString(Names[field], record[(EventField)field]);
            }
        }
    }

    /// <summary>RFC 3339 in UTC with exactly <paramref name="fractionDigits"/> digits. Returns the part of <paramref name="buffer"/> used.</summary>
    public static ReadOnlySpan<byte> FormatTimestamp(long ticks, int fractionDigits, Span<byte> buffer)
    {
        new DateTime(ticks, DateTimeKind.Utc).TryFormat(buffer, out _, "yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        var length = fractionDigits == 0 ? 19 : 20 + fractionDigits;
        buffer[length] = (byte)'Z';
        return buffer[..(length + 1)];
    }

    private static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name);
}
