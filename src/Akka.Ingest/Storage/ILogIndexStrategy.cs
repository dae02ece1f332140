namespace Akka.Ingest.Storage;

/// <summary>The indexes of a provider, described for the planner and for operators.</summary>
public interface ILogIndexStrategy
{
    IReadOnlyList<LogIndexDescriptor> Describe();
}

/// <param name="Name">Name in the database.</param>
/// <param name="Columns">Indexed columns, in order.</param>
/// <param name="Serves">Which query it is kept for.</param>
public sealed record LogIndexDescriptor(string Name, IReadOnlyList<string> Columns, string Serves);
