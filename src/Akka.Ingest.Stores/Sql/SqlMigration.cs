namespace Akka.Ingest.Stores.Sql;

/// <summary>A step of a schema, forward only. A step that was released is never changed: a change is a new step.</summary>
/// <param name="Version">Schema version after it; 1, 2, 3 … without a gap.</param>
/// <param name="Description">For the table <c>SchemaVersions</c>.</param>
/// <param name="Sql">Statements; they run in one transaction with the row in <c>SchemaVersions</c>.</param>
internal sealed record SqlMigration(int Version, string Description, string Sql);
