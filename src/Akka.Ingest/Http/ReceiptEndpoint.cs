namespace Akka.Ingest.Http;

using System.Text;
using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

/// <summary><c>GET /api/v1.0/receipts/{receipt}</c>.</summary>
internal sealed class ReceiptEndpoint(ILogIngestionQueue queue, IDeadLetterIndex deadLetters, ReceiptExpiry expiry)
{
    public const string Path = "/api/v1.0/receipts/";
    public const string Pattern = Path + "{receipt}";

    public async Task HandleAsync(HttpContext context)
    {
        var text = context.GetRouteValue("receipt") as string;
        var state = ReceiptText.TryParse(text, out var receipt) ? await ReadAsync(receipt, context.RequestAborted) : null;
        if (state is null)
        {
            await ProblemAnswer.WriteNotFoundAsync(context, "This receipt is not known here.");
            return;
        }

        var body = $$"""{"state":"{{state.State}}","accepted":{{state.Accepted}},"stored":{{state.Stored}},"deadLettered":{{state.DeadLettered}}}""";
        context.Response.Headers.CacheControl = "no-store";
        await Answer.WriteAsync(context, StatusCodes.Status200OK, Answer.Json, Encoding.UTF8.GetBytes(body));
    }

    private async Task<ReceiptState?> ReadAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var partitions = await queue.GetStatusAsync(cancellationToken);
        var state = ReceiptState.Of(receipt, partitions, deadLetters);
        if (state is not { State: ReceiptState.IsStored })
            return state;
        var partition = partitions.First(status => status.Partition == receipt.Partition);
        return await expiry.IsExpiredAsync(receipt, partition, cancellationToken) ? state with { State = ReceiptState.IsExpired, Stored = 0 } : state;
    }
}
