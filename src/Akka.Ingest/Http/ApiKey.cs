namespace Akka.Ingest.Http;

using System.Collections.Immutable;
using Akka.Ingest.Model;

/// <summary>Who sends a request.</summary>
/// <param name="Id">Name of the key; empty for a local caller without one.</param>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="MinimumLevel">Told to Seq clients.</param>
/// <param name="RequestsPerMinute">0 = no limit.</param>
internal sealed record ApiKey(string Id, ImmutableArray<byte> Hash, ApiScopes Scopes, Severity? MinimumLevel, int RequestsPerMinute)
{
    /// <summary>A caller from this machine, while no key is configured.</summary>
    public static readonly ApiKey Local = new("", [], ApiScopes.All, MinimumLevel: null, RequestsPerMinute: 0);
}
