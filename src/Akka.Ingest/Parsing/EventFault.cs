namespace Akka.Ingest.Parsing;

using System.Globalization;
using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>Why one event cannot be taken. The details never quote the event.</summary>
/// <param name="Code">See <see cref="LineError"/>.</param>
/// <param name="IsBroken">The text is no whole JSON object, so it is not known where its values end.</param>
internal sealed record EventFault(string Code, string Detail, bool IsBroken = false)
{
    public const string TooLargeCode = "too-large";

    public static readonly EventFault MalformedJson = new("malformed-json", "The text is not a JSON object.", IsBroken: true);
    public static readonly EventFault TrailingText = new("malformed-json", "Text follows the JSON object on its line.", IsBroken: true);
    public static readonly EventFault InvalidUtf8 = new("invalid-utf8", "The text is not valid UTF-8.", IsBroken: true);
    public static readonly EventFault NotAnObject = new("not-an-object", "An event must be a JSON object.", IsBroken: true);
    public static readonly EventFault NoEvents = new("no-content", "The body holds no event.");
    public static readonly EventFault TooDeep = new("too-deep", "Objects and arrays are nested more than 64 deep.");

    public static readonly EventFault TooManyRejected = new(TooLargeCode, "The body holds too many events that cannot be taken.");

    public static readonly EventFault NoContent = new("no-content",
        "An event needs at least one of message, messageTemplate, exception and body.");

    public static readonly EventFault BadTimestamp = new("bad-timestamp",
        "The timestamp is not an RFC 3339 date and time with an offset, such as 2026-11-24T08:00:00.123Z.");

    public static readonly EventFault BadClefTimestamp = new("bad-timestamp",
        "The timestamp is not an ISO 8601 date and time, such as 2026-11-24T08:00:00.123Z.");

    public byte[] CodeUtf8 { get; } = Encoding.UTF8.GetBytes(Code);
    public byte[] DetailUtf8 { get; } = Encoding.UTF8.GetBytes(Detail);

    public static EventFault TooLarge(int maxEventBytes) =>
        new(TooLargeCode, string.Create(CultureInfo.InvariantCulture, $"The event is longer than {maxEventBytes} bytes."), IsBroken: true);

    /// <summary>The reader's own message would quote the text, so only its position is told.</summary>
    public static EventFault Malformed(JsonException error)
    {
        var line = error.LineNumber is > 0 and var lines ? string.Create(CultureInfo.InvariantCulture, $" of its line {lines + 1}") : "";
        var position = (error.BytePositionInLine ?? 0) + 1;
        return new EventFault("malformed-json",
            string.Create(CultureInfo.InvariantCulture, $"The JSON of the event is broken or cut at byte {position}{line}."), IsBroken: true);
    }
}
