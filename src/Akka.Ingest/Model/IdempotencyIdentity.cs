namespace Akka.Ingest.Model;

/// <summary>The declared identity of a request: same key, same request.</summary>
/// <param name="Key">First 16 bytes of SHA-256 over tenant, API key id, path and Idempotency-Key.</param>
/// <param name="Body">First 16 bytes of SHA-256 over the decoded body.</param>
public readonly record struct IdempotencyIdentity(UInt128 Key, UInt128 Body);
