namespace Akka.Ingest.Parsing;

using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Redaction;

// Stand-in until the real parser is merged: lines or one array of JSON objects, messages only.

/// <summary>How a request body is laid out.</summary>
public enum EventFormat
{
    Native,
    Clef,
    SeqRaw,
}

/// <summary>What happens to an event that cannot be taken.</summary>
public enum InvalidEvents
{
    Refuse,
    DeadLetter,
}

/// <summary>Either the events or why there are none.</summary>
public sealed record ParseOutcome(EventBlock? Block, IngestError? Error);

public sealed class EventParser(Redactor redactor, int maxEventBytes)
{
    private readonly Redactor _redactor = redactor;

    public ParseOutcome Parse(EventFormat format, ReadOnlySpan<byte> body, DateTime receivedAt, InvalidEvents invalid)
    {
        using var builder = new EventBlockBuilder();
        var errors = new List<LineError>();
        var trimmed = body.Trim(" \t\r\n"u8);
        if (format == EventFormat.Native && trimmed is [(byte)'[', ..])
        {
            ParseWhole(trimmed, builder, receivedAt, errors);
        }
        else
        {
            var number = 0;
            foreach (var range in trimmed.Split((byte)'\n'))
            {
                number++;
                var line = trimmed[range].Trim(" \t\r"u8);
                if (line.IsEmpty)
                    continue;
                if (line.Length > maxEventBytes)
                    errors.Add(new LineError(number, "too-large", "The event is over the limit."));
                else if (!TryParseLine(line, builder, receivedAt))
                    Reject(line, number, builder, receivedAt, invalid, errors);
            }
        }

        if (errors.Exists(error => error.Code == "too-large"))
            return new ParseOutcome(null, new IngestError(IngestErrorKind.TooLarge, $"Line {errors[0].Line} is over the limit.", Details: errors));
        if (errors.Count > 0)
            return new ParseOutcome(null, new IngestError(IngestErrorKind.InvalidContent, "Some events cannot be read.", Details: [.. errors.Take(10)]));
        if (builder.EventCount == 0 && format == EventFormat.Native)
            return new ParseOutcome(null, new IngestError(IngestErrorKind.InvalidContent, "The body holds no event.", Details: [new LineError(0, "no-content", "The body holds no event.")]));
        return new ParseOutcome(builder.Build(), null);
    }

    private void ParseWhole(ReadOnlySpan<byte> body, EventBlockBuilder builder, DateTime receivedAt, List<LineError> errors)
    {
        try
        {
            using var document = JsonDocument.Parse(body.ToArray());
            foreach (var element in document.RootElement.EnumerateArray())
                Write(element, builder, receivedAt);
        }
        catch (JsonException)
        {
            errors.Add(new LineError(1, "malformed-json", "Not JSON."));
        }
    }

    private bool TryParseLine(ReadOnlySpan<byte> line, EventBlockBuilder builder, DateTime receivedAt)
    {
        try
        {
            using var document = JsonDocument.Parse(line.ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return false;
            if (document.RootElement.TryGetProperty("Events", out var events))
            {
                foreach (var element in events.EnumerateArray())
                    Write(element, builder, receivedAt);
                return true;
            }

            Write(document.RootElement, builder, receivedAt);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Write(JsonElement element, EventBlockBuilder builder, DateTime receivedAt)
    {
        _ = _redactor;
        builder.Records.Begin(receivedAt.Ticks, 7, Severity.Information, rejected: false);
        builder.Records.Append(EventField.Message, System.Text.Encoding.UTF8.GetBytes(element.GetRawText()));
        builder.Records.End();
        builder.EventWritten();
    }

    private static void Reject(ReadOnlySpan<byte> line, int number, EventBlockBuilder builder, DateTime receivedAt, InvalidEvents invalid, List<LineError> errors)
    {
        if (invalid == InvalidEvents.Refuse)
        {
            errors.Add(new LineError(number, "malformed-json", "Not a JSON object."));
            return;
        }

        builder.Records.Begin(receivedAt.Ticks, 7, Severity.Information, rejected: true);
        builder.Records.Append(EventField.Message, line);
        builder.Records.Append(EventField.Exception, "Not a JSON object."u8);
        builder.Records.Append(EventField.Category, "malformed-json"u8);
        builder.Records.End();
        builder.EventWritten(rejected: true);
    }
}
