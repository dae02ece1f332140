namespace Akka.Ingest.Http;

using System.Diagnostics.CodeAnalysis;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Spool;
using Akka.Ingest.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

/// <summary>The way of an ingest request, the same for every protocol. Read <see cref="AdmitAsync"/> from top to bottom.</summary>
internal sealed class IngestAdmission(
    ApiKeyGate keys,
    BodyReader bodies,
    RequestLimiter limiter,
    EventParser parser,
    ILogIngestionQueue queue,
    InFlightBudget budget,
    IngestMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime lifetime)
{
    /// <summary>Admits one request and answers it in the words of its protocol.</summary>
    public async Task HandleAsync(HttpContext context, ProtocolFront front)
    {
        var started = time.GetTimestamp();
        Admitted admitted;
        try
        {
            admitted = await AdmitAsync(context, front);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            metrics.ClientGone(front.Name, time.GetElapsedTime(started));
            return;
        }

        if (admitted.IsRefused)
        {
            metrics.Refused(front.Name, admitted.Error.Kind, time.GetElapsedTime(started));
            await front.WriteRefusedAsync(context, admitted.Error, admitted.Limit);
            return;
        }

        if (admitted.Replayed)
            context.Response.Headers["Idempotency-Replayed"] = "true";
        metrics.Accepted(front.Name, admitted, time.GetElapsedTime(started));
        await front.WriteAcceptedAsync(context, admitted.Caller, admitted.Receipt, admitted.Invalid);
    }

    private async ValueTask<Admitted> AdmitAsync(HttpContext context, ProtocolFront front)
    {
        var receivedAt = time.GetUtcNow().UtcDateTime;

        // 1. Who sends it, and may they? Nothing is read from a stranger.
        if (keys.Check(context, ApiScopes.Ingest, out var caller) is { } unknown)
            return Admitted.Refused(unknown);
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Admitted.Refused(BodyReader.Stopping);
        if (front.FormatOf(context.Request.ContentType) is not { } format)
            return Admitted.Refused(UnsupportedMedia);
        if (InvalidEventsReader.Read(context.Request, front.DefaultInvalid, out var invalid) is { } unclear)
            return Admitted.Refused(unclear);

        // 2. The body, decoded, in one piece.
        var (body, unreadable) = await bodies.ReadAsync(context);
        if (body is null)
            return Admitted.Refused(unreadable!);
        using var ownedBody = body;
        var bodyBytes = body.Length;

        // 3. A repeat is answered as the first was, before any limit is asked.
        if (IdempotencyKeyReader.Read(context.Request, caller.Id, body.Span, out var identity) is { } malformed)
            return Admitted.Refused(malformed);
        if (identity is { } known && await queue.FindAsync(known, context.RequestAborted) is { } earlier)
            return Admitted.From(earlier, caller, invalid, bodyBytes);
        if (limiter.Count(caller) is { } limit)
            return Admitted.Refused(RateLimited(caller, limit), limit);

        // 4. Parsed and redacted in one pass; from here on the body is not needed.
        if (front.TakesNoEvents && HoldsNothing(body.Span))
            return Admitted.Nothing(caller, invalid);
        var (block, unparsed) = parser.Parse(format, body.Span, receivedAt, invalid);
        if (unparsed is not null)
            return Admitted.Refused(unparsed);
        if (block is null or { EventCount: 0 })
            return front.TakesNoEvents ? Admitted.Nothing(caller, invalid) : Admitted.Refused(NoContent);
        body.Dispose();
        using var ownedBlock = block;
        using var lease = new BlockLease(budget, block);

        // 5. In the journal, committed and flushed, before anything is promised.
        var spooling = time.GetTimestamp();
        var outcome = await queue.AppendAsync(block, receivedAt, caller.Id, identity, context.RequestAborted);
        metrics.Spooled(time.GetElapsedTime(spooling));
        return Admitted.From(outcome, caller, invalid, bodyBytes);
    }

    private static readonly IngestError UnsupportedMedia = new(
        IngestErrorKind.UnsupportedMedia, $"This Content-Type is not taken. Taken are: {MediaTypes.Taken}.");

    private static readonly IngestError NoContent = new(
        IngestErrorKind.InvalidContent, "The body holds no event.", Details: [new LineError(0, "no-content", "The body holds no event.")]);

    private static IngestError RateLimited(ApiKey caller, RateLimit limit) => new(
        IngestErrorKind.RateLimited,
        $"The API key '{caller.Id}' may send {limit.Limit} requests in {limit.WindowSeconds} s; that is used up, and starts again in {limit.ResetSeconds} s.",
        TimeSpan.FromSeconds(limit.ResetSeconds));

    // An empty body of a Seq client that polls for its minimum level: white space, or a byte order mark.
    private static bool HoldsNothing(ReadOnlySpan<byte> body) => body.TrimStart("\uFEFF"u8).Trim(" \t\r\n"u8).IsEmpty;

    // The encoded block stays in memory while it waits for the spool, so it counts.
    private readonly struct BlockLease : IDisposable
    {
        private readonly InFlightBudget _budget;
        private readonly long _bytes;

        public BlockLease(InFlightBudget budget, EventBlock block)
        {
            _budget = budget;
            _bytes = block.Chunks.Length;
            budget.TakeAnyway(_bytes);
        }

        public void Dispose() => _budget.Return(_bytes);
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Caller">Who sent it.</param>
/// <param name="Receipt">Null on a refusal, and for a body without events.</param>
/// <param name="Error">Set on a refusal.</param>
/// <param name="Replayed">An earlier request's answer.</param>
/// <param name="Invalid">How bad events were treated.</param>
/// <param name="BodyBytes">Size of the decoded body.</param>
/// <param name="Limit">The limit behind a refusal.</param>
internal readonly record struct Admitted(
    ApiKey Caller, Receipt? Receipt, IngestError? Error, bool Replayed, InvalidEvents Invalid, int BodyBytes, RateLimit? Limit)
{
    [MemberNotNullWhen(true, nameof(Error))]
    public bool IsRefused => Error is not null;

    public static Admitted Refused(IngestError error, RateLimit? limit = null) =>
        new(ApiKey.Local, Receipt: null, error, Replayed: false, InvalidEvents.Refuse, BodyBytes: 0, limit);

    public static Admitted Nothing(ApiKey caller, InvalidEvents invalid) =>
        new(caller, Receipt: null, Error: null, Replayed: false, invalid, BodyBytes: 0, Limit: null);

    public static Admitted From(AppendOutcome outcome, ApiKey caller, InvalidEvents invalid, int bodyBytes) =>
        new(caller, outcome.Receipt, outcome.Error, outcome.Replayed, invalid, bodyBytes, Limit: null);
}
