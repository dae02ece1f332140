namespace Akka.Ingest.Http;

using System.Text;
using Akka.Ingest.Delivery;
using Akka.Ingest.Spool;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

/// <summary><c>GET /api/v1.0/receipts/{receipt}</c>.</summary>
internal sealed class ReceiptEndpoint(ILogIngestionQueue queue, IDeadLetterIndex deadLetters)
{
    public const string Path = "/api/v1.0/receipts/";
    public const string Pattern = Path + "{receipt}";

    public async Task HandleAsync(HttpContext context)
    {
        var text = context.GetRouteValue("receipt") as string;
        var state = ReceiptText.TryParse(text, out var receipt)
            ? ReceiptState.Of(receipt, await queue.GetStatusAsync(context.RequestAborted), deadLetters)
            : null;
        if (state is null)
        {
            await ProblemAnswer.WriteNotFoundAsync(context, "This receipt is not known here.");
            return;
        }

        var body = $$"""{"state":"{{state.State}}","accepted":{{state.Accepted}},"stored":{{state.Stored}},"deadLettered":{{state.DeadLettered}}}""";
        context.Response.Headers.CacheControl = "no-store";
        await Answer.WriteAsync(context, StatusCodes.Status200OK, Answer.Json, Encoding.UTF8.GetBytes(body));
    }
}
