namespace Akka.Ingest.Http;

using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Microsoft.AspNetCore.Http;

/// <summary>Reads <c>?invalid=deadletter|refuse</c>.</summary>
internal static class InvalidEventsReader
{
    private static readonly IngestError Unknown = new(IngestErrorKind.InvalidContent, "The query parameter 'invalid' takes 'refuse' or 'deadletter'.");

    public static IngestError? Read(HttpRequest request, InvalidEvents byDefault, out InvalidEvents invalid)
    {
        invalid = byDefault;
        if (!request.QueryString.HasValue || request.Query["invalid"] is not [{ } text, ..])
            return null;
        if (text.Equals("deadletter", StringComparison.OrdinalIgnoreCase))
            invalid = InvalidEvents.DeadLetter;
        else if (text.Equals("refuse", StringComparison.OrdinalIgnoreCase))
            invalid = InvalidEvents.Refuse;
        else
            return Unknown;
        return null;
    }
}
