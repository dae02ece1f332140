namespace Akka.Ingest.Spool;

using Akka.Ingest.Model;

/// <summary>The refusals that the spool gives.</summary>
internal static class SpoolErrors
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static readonly IngestError NoEvents = new(IngestErrorKind.InvalidContent, "The request holds no event.");

    public static readonly IngestError Unavailable = new(
        IngestErrorKind.JournalUnavailable, "The journal does not take writes at the moment. Nothing was written; try again.", Soon);

    public static readonly IngestError Unknown = new(
        IngestErrorKind.OutcomeUnknown,
        "The journal failed while the events were being written; whether they were is not known. Repeating is safe with an Idempotency-Key only.",
        Soon);

    public static readonly IngestError Conflict = new(
        IngestErrorKind.IdempotencyConflict, "This Idempotency-Key was used within 24 hours for a request with another body.");

    public static readonly IngestError Stopping = new(
        IngestErrorKind.Stopping, "The server is stopping. Nothing was written; try again.", TimeSpan.FromSeconds(5));

    public static IngestError QueueFull(string detail) => new(IngestErrorKind.QueueFull, detail, TimeSpan.FromSeconds(5));
}
