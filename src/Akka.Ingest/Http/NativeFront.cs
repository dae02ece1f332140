namespace Akka.Ingest.Http;

using System.Globalization;
using System.Text.Unicode;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Microsoft.AspNetCore.Http;

/// <summary><c>POST /api/v1.0/logs</c>.</summary>
internal sealed class NativeFront : ProtocolFront
{
    public override IngestProtocol Protocol => IngestProtocol.Native;
    public override string Name => "native";
    public override InvalidEvents DefaultInvalid => InvalidEvents.Refuse;
    public override bool TakesNoEvents => false;

    public override EventFormat? FormatOf(string? contentType) => MediaTypes.FormatOf(contentType);

    public override Task WriteAcceptedAsync(HttpContext context, ApiKey caller, Receipt? receipt, InvalidEvents invalid)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var text = ReceiptText.Format(receipt);
        context.Response.Headers.Location = ReceiptEndpoint.Path + text;
        Span<byte> body = stackalloc byte[160];
        int written;
        if (invalid == InvalidEvents.DeadLetter)
            Utf8.TryWrite(body, CultureInfo.InvariantCulture, $"{{\"accepted\":{receipt.Accepted},\"deadLettered\":{receipt.Rejected},\"receipt\":\"{text}\"}}", out written);
        else
            Utf8.TryWrite(body, CultureInfo.InvariantCulture, $"{{\"accepted\":{receipt.Accepted},\"receipt\":\"{text}\"}}", out written);
        return Answer.WriteAsync(context, StatusCodes.Status200OK, Answer.Json, body[..written]);
    }

    public override Task WriteRefusedAsync(HttpContext context, IngestError error, RateLimit? limit) =>
        ProblemAnswer.WriteAsync(context, error, limit);
}
