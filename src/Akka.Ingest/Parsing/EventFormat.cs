namespace Akka.Ingest.Parsing;

/// <summary>What a request body holds.</summary>
public enum EventFormat
{
    /// <summary>The service's own names: one JSON object, a JSON array of them, or objects one after the other (NDJSON), told by form.</summary>
    Native,

    /// <summary>Compact log event format, one event a line.</summary>
    Clef,

    /// <summary>What Seq takes: CLEF lines or its older <c>{"Events":[…]}</c>, told by form.</summary>
    SeqRaw,
}

/// <summary>What becomes of events that cannot be taken.</summary>
public enum InvalidEvents
{
    /// <summary>The whole request is refused; up to ten mistakes are told.</summary>
    Refuse,

    /// <summary>They travel with the others, marked as rejected, and end in the dead letters.</summary>
    DeadLetter,
}
