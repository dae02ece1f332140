namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;

/// <summary>An event that the store will never take, and why.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Offset">Its position in the journal.</param>
/// <param name="Record">The event as accepted, see <see cref="EventRecord"/>.</param>
/// <param name="ReceivedAt">When its request was received, UTC.</param>
/// <param name="ApiKeyId">Which key sent it; empty for none.</param>
/// <param name="Refusal">What the store said; null for an event that was rejected at accept and carries its own reason.</param>
internal readonly record struct DeadLetter(
    EventId Id,
    SpoolOffset Offset,
    ReadOnlyMemory<byte> Record,
    DateTime ReceivedAt,
    string ApiKeyId,
    StoreRefusal? Refusal);

/// <param name="Code">The engine's own code.</param>
/// <param name="ExceptionType">Full name.</param>
/// <param name="ExceptionText">For people.</param>
/// <param name="Attempts">How often the event was offered.</param>
/// <param name="FirstAt">First refusal, UTC.</param>
/// <param name="LastAt">Last refusal, UTC.</param>
internal sealed record StoreRefusal(string Code, string ExceptionType, string ExceptionText, int Attempts, DateTime FirstAt, DateTime LastAt);
