namespace Akka.Ingest.Model;

/// <summary>Why a request was not taken: the closed list of refusals. Each protocol front maps them to its own answers.</summary>
public enum IngestErrorKind
{
    /// <summary>400: <see cref="IngestError.Details"/> say which lines.</summary>
    InvalidContent,

    /// <summary>413: the body or one event is over its limit.</summary>
    TooLarge,

    /// <summary>415: media type or content encoding.</summary>
    UnsupportedMedia,

    /// <summary>401.</summary>
    Unauthenticated,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>422: idempotency key reused with another body.</summary>
    IdempotencyConflict,

    /// <summary>429.</summary>
    RateLimited,

    /// <summary>429.</summary>
    QuotaExceeded,

    /// <summary>503: as many events wait for the store as <c>QueueCapacity</c> allows.</summary>
    QueueFull,

    /// <summary>503: nothing was written; repeating is safe.</summary>
    JournalUnavailable,

    /// <summary>503: the write may or may not have happened; repeating is safe only with an idempotency key.</summary>
    OutcomeUnknown,

    /// <summary>503.</summary>
    DiskReserveReached,

    /// <summary>503: the process is stopping.</summary>
    Stopping,

    /// <summary>503: more memory is in use by requests than allowed.</summary>
    Overloaded,
}

/// <summary>One mistake in a request body.</summary>
/// <param name="Line">1-based line for line formats, 1-based element for arrays; 0 where neither applies.</param>
/// <param name="Code">Stable, kebab-case: <c>malformed-json</c>, <c>invalid-utf8</c>, <c>bad-timestamp</c>, <c>too-deep</c>, <c>no-content</c>, <c>not-an-object</c>, <c>wrong-type</c>, <c>too-large</c>.</param>
/// <param name="Detail">For people; never quotes a value of the event, which could be a secret.</param>
public sealed record LineError(long Line, string Code, string Detail);

/// <summary>A refusal as a value.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">What is wrong, where, and what to do; for people.</param>
/// <param name="RetryAfter">When to try again; null where trying again cannot help.</param>
/// <param name="Details">For <see cref="IngestErrorKind.InvalidContent"/> and <see cref="IngestErrorKind.TooLarge"/>: up to 10 mistakes.</param>
public sealed record IngestError(
    IngestErrorKind Kind,
    string Detail,
    TimeSpan? RetryAfter = null,
    IReadOnlyList<LineError>? Details = null);
