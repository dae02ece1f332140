namespace Akka.Ingest.Parsing;

using Akka.Ingest.Redaction;

/// <summary>
/// Turns the bytes of a request into encoded, redacted events in one pass. Made once; thread-safe.
/// </summary>
/// <param name="redactor">What must not reach the disk.</param>
/// <param name="maxEventBytes">Longest event, in bytes as sent.</param>
public sealed class EventParser(Redactor redactor, int maxEventBytes)
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Never throws for what a client can send.</summary>
    /// <param name="body">The whole body, decoded.</param>
    /// <param name="receivedAt">UTC; the time of events that bring none.</param>
    /// <param name="invalid">
    /// With <see cref="InvalidEvents.DeadLetter"/> a body is still refused if it is a broken array, or holds more than 10,000
    /// broken events.
    /// </param>
    public ParseOutcome Parse(EventFormat format, ReadOnlySpan<byte> body, DateTime receivedAt, InvalidEvents invalid)
    {
        if (body.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];
        body = body.TrimEnd(" \t\r\n"u8);

        using var walk = new RedactionWalk(redactor);
        using var draft = new EventDraft(walk);
        using var sink = new EventSink(walk, receivedAt, invalid);
        var reading = new EventReading(Names(format), draft, sink, maxEventBytes);
        var start = body.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
        {
            if (format == EventFormat.Native)
                sink.Fail(EventFault.NoEvents, line: 0);
        }
        else if (format == EventFormat.Native && start[0] == (byte)'[')
        {
            ArrayForm.ReadArray(start, in reading);
        }
        else if (format == EventFormat.Native)
        {
            SequenceForm.Read(body, in reading);
        }
        else if (format == EventFormat.SeqRaw && ArrayForm.IsEnvelope(start))
        {
            ArrayForm.ReadEnvelope(start, reading with { Names = LegacySeqNames.Instance });
        }
        else
        {
            LineForm.Read(body, in reading);
        }

        return sink.Finish();
    }

    private static EventNames Names(EventFormat format) => format == EventFormat.Native ? NativeNames.Instance : ClefNames.Instance;
}
