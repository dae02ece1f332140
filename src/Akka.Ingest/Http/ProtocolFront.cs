namespace Akka.Ingest.Http;

using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Microsoft.AspNetCore.Http;

/// <summary>What differs between the protocols that share one admission: format, defaults, and the look of answers.</summary>
internal abstract class ProtocolFront
{
    public abstract IngestProtocol Protocol { get; }

    /// <summary>Value of the <c>protocol</c> tag in metrics.</summary>
    public abstract string Name { get; }

    /// <summary>What happens to a bad event when the request does not say.</summary>
    public abstract InvalidEvents DefaultInvalid { get; }

    /// <summary>A body without events is a success: Seq clients poll with one.</summary>
    public abstract bool TakesNoEvents { get; }

    /// <summary>Null for a media type that is not taken.</summary>
    public abstract EventFormat? FormatOf(string? contentType);

    /// <param name="receipt">Null where the body held no event.</param>
    public abstract Task WriteAcceptedAsync(HttpContext context, ApiKey caller, Receipt? receipt, InvalidEvents invalid);

    public abstract Task WriteRefusedAsync(HttpContext context, IngestError error, RateLimit? limit);
}
