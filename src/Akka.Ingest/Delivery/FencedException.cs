namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;

/// <summary>The store stands neither where this writer left it nor where its write would have moved it: another one is at work.</summary>
internal sealed class FencedException(StoredPosition expected, StoredPosition? actual)
    : Exception($"The stored position is {actual?.Offset.ToString() ?? "unknown"} where {expected.Offset} was expected.")
{
    public StoredPosition Expected { get; } = expected;
    public StoredPosition? Actual { get; } = actual;
}
