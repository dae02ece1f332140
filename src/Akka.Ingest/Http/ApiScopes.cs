namespace Akka.Ingest.Http;

/// <summary>What an API key may do. Scopes do not imply one another.</summary>
[Flags]
public enum ApiScopes
{
    /// <summary>Any valid key will do.</summary>
    None = 0,

    /// <summary>Send events and ask for receipts.</summary>
    Ingest = 1,

    /// <summary>Query events.</summary>
    Read = 2,

    /// <summary>Diagnostics, metrics, replay.</summary>
    Admin = 4,

    All = Ingest | Read | Admin,
}
