namespace Akka.Ingest.Query;

/// <summary>A mistake in a filter expression.</summary>
/// <param name="Position">Where, as a 0-based index into the expression's UTF-16 text; its length when the text ends too early.</param>
/// <param name="Expected">What could stand there; for people.</param>
public sealed record FilterError(int Position, string Expected);
