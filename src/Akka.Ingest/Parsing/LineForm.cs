namespace Akka.Ingest.Parsing;

using System.Text.Json;
using System.Text.Unicode;
using Akka.Ingest.Redaction;

/// <summary>One event a line. A bad line is one bad event whatever it holds.</summary>
internal static class LineForm
{
    public static void Read(ReadOnlySpan<byte> body, in EventReading reading)
    {
        var isValidUtf8 = Utf8.IsValid(body);
        for (long number = 1; !body.IsEmpty && !reading.Sink.IsDone; number++)
        {
            var end = body.IndexOf((byte)'\n');
            var line = (end < 0 ? body : body[..end]).Trim(" \t\r"u8);
            body = end < 0 ? default : body[(end + 1)..];
            if (line.IsEmpty)
                continue;
            if (ReadLine(line, isValidUtf8 || Utf8.IsValid(line), in reading) is { } fault)
                reading.Sink.Reject(fault, line, number);
            else
                reading.Sink.Accept(reading.Draft, line);
        }
    }

    internal static EventFault? ReadLine(ReadOnlySpan<byte> line, bool isValidUtf8, in EventReading reading)
    {
        if (!isValidUtf8)
            return EventFault.InvalidUtf8;
        if (line.Length > reading.MaxEventBytes)
            return EventFault.TooLarge(reading.MaxEventBytes);
        if (line[0] != (byte)'{' || line[^1] != (byte)'}')
            return line[0] is (byte)'[' or (byte)'"' ? EventFault.NotAnObject : EventFault.MalformedJson;
        try
        {
            var reader = new Utf8JsonReader(line, RedactionWalk.ReaderOptions);
            reader.Read();
            var fault = reading.Names.Read(ref reader, line, reading.Draft);
            return reader.BytesConsumed == line.Length ? fault : EventFault.TrailingText;
        }
        catch (JsonException error)
        {
            return EventFault.Malformed(error);
        }
    }
}
