namespace Akka.Ingest.Http;

using System.Net;
using Akka.Ingest.Model;
using Microsoft.AspNetCore.Http;

/// <summary>Decides who may do what.</summary>
internal sealed class ApiKeyGate(ApiKeyRing ring)
{
    private static readonly IngestError NoKey = new(
        IngestErrorKind.Unauthenticated,
        "This call needs an API key: header X-Api-Key, Authorization (Bearer, Basic, ApiKey or Splunk), X-Seq-ApiKey, or ?apiKey=.");

    private static readonly IngestError UnknownKey = new(IngestErrorKind.Unauthenticated, "The API key is not known here.");

    /// <summary>Null when the caller may go on; then <paramref name="caller"/> is set.</summary>
    public IngestError? Check(HttpContext context, ApiScopes needed, out ApiKey caller)
    {
        caller = ApiKey.Local;
        if (ring.IsEmpty && IsLocal(context))
            return null;
        if (ApiKeyReader.Read(context.Request) is not { } text)
            return NoKey;
        if ((ring.Find(text) ?? FindInPair(text)) is not { } known)
            return UnknownKey;
        caller = known;
        return (known.Scopes & needed) == needed
            ? null
            : new IngestError(IngestErrorKind.Forbidden, $"The API key '{known.Id}' lacks the scope '{NameOf(needed)}'.");
    }

    // A proxy on this machine makes every caller look local, so whatever says that it was forwarded is not.
    private static bool IsLocal(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Real-IP"))
            return false;

        // A connection without an address is a Unix socket or the test host.
        return context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address)
            || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4()));
    }

    private ApiKey? FindInPair(string text) => ApiKeyReader.SecretOfPair(text) is { } secret ? ring.Find(secret) : null;

    private static string NameOf(ApiScopes scope) => scope switch
    {
        ApiScopes.Ingest => "ingest",
        ApiScopes.Read => "read",
        ApiScopes.Admin => "admin",
        _ => scope.ToString(),
    };
}
