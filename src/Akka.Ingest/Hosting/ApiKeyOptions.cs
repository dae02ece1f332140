namespace Akka.Ingest.Hosting;

using Akka.Ingest.Model;

/// <summary>One element of the list <c>ApiKeys</c>.</summary>
public sealed class ApiKeyOptions
{
    public const string Section = "ApiKeys";

    /// <summary>Name of the key, shown everywhere; never secret.</summary>
    public string Id { get; set; } = "";

    /// <summary>The key itself. Give this or <see cref="KeyHash"/>.</summary>
    public string? Key { get; set; }

    /// <summary>SHA-256 of the key, 64 hexadecimal digits.</summary>
    public string? KeyHash { get; set; }

    /// <summary><c>ingest</c>, <c>read</c>, <c>admin</c>.</summary>
    public IList<string> Scopes { get; set; } = [];

    /// <summary>Told to Seq clients, never enforced.</summary>
    public Severity? MinimumLevel { get; set; }
}
