namespace Akka.Ingest.Storage;

/// <summary>The indexes of a provider, described for the planner and for operators.</summary>
public interface ILogIndexStrategy
{
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken);
}

/// <param name="Name">Name in the database, as in the plan of an answer.</param>
/// <param name="Columns">Indexed columns, in order.</param>
/// <param name="Serves">Which query it is kept for.</param>
/// <param name="SizeBytes">What it takes on disk; null where the engine does not tell.</param>
public sealed record LogIndexDescriptor(string Name, IReadOnlyList<string> Columns, string Serves, long? SizeBytes = null);
