namespace Akka.Ingest.Storage;

/// <summary>What a failure of the store asks of the writer. Decided once, at the provider's edge.</summary>
public enum StoreFailureKind
{
    /// <summary>The store is away, busy or full: retry for as long as it lasts. Also every error that is not known to be about the data.</summary>
    Transient,

    /// <summary>The store asks to slow down: as <see cref="Transient"/>, after a longer pause.</summary>
    Throttled,

    /// <summary>The store will never take this data (SQLSTATE class 22 or 23, SQLite CONSTRAINT, TOOBIG, MISMATCH).</summary>
    Permanent,
}

/// <param name="Kind">What to do.</param>
/// <param name="Code">The engine's own code, for metrics and dead letters, for example <c>sqlite:5</c>.</param>
/// <param name="Detail">For people; no connection string, no event data.</param>
/// <param name="ExceptionType">Full name of the exception behind it.</param>
public sealed record StoreFailure(StoreFailureKind Kind, string Code, string Detail, string ExceptionType);

/// <summary>A store operation other than an append failed.</summary>
public sealed class StoreException(StoreFailure failure, Exception? innerException = null)
    : Exception(failure.Detail, innerException)
{
    public StoreFailure Failure { get; } = failure;
}
