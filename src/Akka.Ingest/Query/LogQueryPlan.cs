namespace Akka.Ingest.Query;

/// <summary>A normalized query: what a store executes.</summary>
public sealed record LogQueryPlan;
