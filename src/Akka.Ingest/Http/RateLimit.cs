namespace Akka.Ingest.Http;

/// <summary>A limit that was reached, as the <c>RateLimit</c> and <c>RateLimit-Policy</c> fields and the problem body tell it.</summary>
/// <param name="Policy">Name of the limit.</param>
/// <param name="Limit">Requests (or events, or bytes) a window.</param>
/// <param name="WindowSeconds">Length of the window.</param>
/// <param name="ResetSeconds">Until the next window, at least 1.</param>
internal sealed record RateLimit(string Policy, long Limit, int WindowSeconds, int ResetSeconds)
{
    public string PolicyField => $"\"{Policy}\";q={Limit};w={WindowSeconds}";
    public string StateField => $"\"{Policy}\";r=0;t={ResetSeconds}";
}
