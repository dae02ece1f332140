namespace Akka.Ingest.Query;

/// <summary>Turns what was asked into what a store executes. Pure; the same for every provider.</summary>
public interface ILogQueryPlanner
{
    LogQueryPlanning Plan(LogQueryRequest request);
}
