namespace Akka.Ingest.Http;

using System.Collections.Frozen;
using Akka.Ingest.Model;

/// <summary>The protocols requests come in. Each has its own answers.</summary>
internal enum IngestProtocol
{
    Native,
    Seq,
}

/// <summary>The one table of refusals: protocol × kind of error → status.</summary>
internal static class Refusals
{
    private static readonly FrozenDictionary<IngestErrorKind, Refusal> Rows = new Refusal[]
    {
        //                                            type                     title                                  native Seq  retry after
        new(IngestErrorKind.InvalidContent,     "invalid-content",       "The content cannot be read",           400, 400, 0),
        new(IngestErrorKind.TooLarge,           "too-large",             "The content is too large",             413, 413, 0),
        new(IngestErrorKind.UnsupportedMedia,   "unsupported-media",     "The media type is not taken",          415, 415, 0),
        new(IngestErrorKind.Unauthenticated,    "unauthenticated",       "A valid API key is needed",            401, 401, 0),
        new(IngestErrorKind.Forbidden,          "forbidden",             "The API key lacks the scope",          403, 403, 0),
        new(IngestErrorKind.IdempotencyConflict, "idempotency-conflict", "The idempotency key was used before",  422, 422, 0),
        new(IngestErrorKind.RateLimited,        "rate-limited",          "Too many requests",                    429, 503, 1),
        new(IngestErrorKind.QuotaExceeded,      "quota-exceeded",        "The quota is used up",                 429, 503, 60),
        new(IngestErrorKind.QueueFull,          "queue-full",            "The queue is full",                    503, 503, 5),
        new(IngestErrorKind.JournalUnavailable, "journal-unavailable",   "The journal is not available",         503, 503, 5),
        new(IngestErrorKind.OutcomeUnknown,     "outcome-unknown",       "The outcome of the write is unknown",  503, 503, 5),
        new(IngestErrorKind.DiskReserveReached, "disk-reserve-reached",  "The disk is nearly full",              503, 503, 30),
        new(IngestErrorKind.Stopping,           "stopping",              "The server is stopping",               503, 503, 5),
        new(IngestErrorKind.Overloaded,         "overloaded",            "The server is overloaded",             503, 503, 5),
    }.ToFrozenDictionary(row => row.Kind);

    public static IReadOnlyCollection<Refusal> All => Rows.Values;

    public static Refusal Of(IngestErrorKind kind) => Rows[kind];
}

/// <param name="Kind">What happened.</param>
/// <param name="Name">Last part of the problem type, and the value of <c>error.type</c> in metrics.</param>
/// <param name="Title">Says the same to people.</param>
/// <param name="NativeStatus">HTTP status of native calls.</param>
/// <param name="SeqStatus">HTTP status on the Seq paths, whose clients drop a batch on 429.</param>
/// <param name="RetryAfterSeconds">Used where the error does not say; 0 where trying again cannot help.</param>
internal sealed record Refusal(IngestErrorKind Kind, string Name, string Title, int NativeStatus, int SeqStatus, int RetryAfterSeconds)
{
    /// <summary>The problem type (RFC 9457): stable, made to be compared and not to be opened.</summary>
    public string Type { get; } = "urn:akka-ingest:problem:" + Name;

    public int StatusFor(IngestProtocol protocol) => protocol == IngestProtocol.Seq ? SeqStatus : NativeStatus;

    /// <summary>Whole seconds for <c>Retry-After</c>, at least 1; null where the answer carries none.</summary>
    public int? RetryAfter(IngestError error, int status)
    {
        if (status is not (429 or 503))
            return null;
        return error.RetryAfter is { } wait
            ? (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 86_400)
            : Math.Max(1, RetryAfterSeconds);
    }
}
