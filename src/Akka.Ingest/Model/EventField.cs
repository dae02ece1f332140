namespace Akka.Ingest.Model;

/// <summary>
/// The fields of an event that carry bytes. The numeric value is the bit in a record's bitmap and the order in which the
/// fields are written; both are part of the record format and never change.
/// </summary>
public enum EventField : byte
{
    /// <summary>Text: UTF-8, unescaped.</summary>
    Message = 0,
    MessageTemplate = 1,
    Exception = 2,
    TraceId = 3,
    SpanId = 4,
    Source = 5,
    Host = 6,
    Environment = 7,
    Category = 8,

    /// <summary>JSON: one value, exactly as the client wrote it (after redaction).</summary>
    Body = 9,

    /// <summary>JSON: an object of strings.</summary>
    Headers = 10,

    /// <summary>JSON: an object.</summary>
    Properties = 11,
}

public static class EventFields
{
    public const int Count = 12;

    /// <summary>True for the fields whose bytes are JSON and are copied, never interpreted, on the way to the store.</summary>
    public static bool IsJson(this EventField field) => field >= EventField.Body;
}
