namespace Akka.Ingest.Parsing;

/// <summary>What all forms of a body need to read its events.</summary>
/// <param name="MaxEventBytes">Longest event, in bytes as sent.</param>
internal readonly record struct EventReading(EventNames Names, EventDraft Draft, EventSink Sink, int MaxEventBytes);
