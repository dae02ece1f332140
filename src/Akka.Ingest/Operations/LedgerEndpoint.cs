namespace Akka.Ingest.Operations;

using System.Text.Json;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

/// <summary><c>GET /ledger</c>: accepted = stored + deadLettered + expired + inFlight, for each API key.</summary>
internal static class LedgerEndpoint
{
    public static void MapLedger(this IEndpointRouteBuilder group, IServiceProvider services) =>
        group.MapGet("/ledger", (RequestDelegate)(async context =>
        {
            try
            {
                var ledger = await services.GetRequiredService<LedgerReader>().ReadAsync(context.RequestAborted);
                await DiagnosticsAnswer.WriteAsync(context, json => Write(json, ledger));
            }
            catch (StoreException exception)
            {
                await DiagnosticsAnswer.WriteStoreAwayAsync(context, exception);
            }
        }));

    private static void Write(Utf8JsonWriter json, Ledger ledger)
    {
        json.WriteStartObject();
        json.WriteString("at"u8, ledger.At);
        json.WriteStartArray("keys"u8);
        foreach (var row in ledger.Keys)
        {
            json.WriteStartObject();
            json.WriteString("apiKeyId"u8, row.ApiKeyId);
            WriteNumbers(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("total"u8);
        WriteNumbers(json, ledger.Total);
        json.WriteEndObject();
        json.WriteStartObject("otherSpools"u8);
        json.WriteNumber("stored"u8, ledger.Others.Stored);
        json.WriteNumber("expired"u8, ledger.Others.Expired);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, LedgerRow row)
    {
        json.WriteNumber("accepted"u8, row.Accepted);
        json.WriteNumber("stored"u8, row.Stored);
        json.WriteNumber("deadLettered"u8, row.DeadLettered);
        json.WriteNumber("expired"u8, row.Expired);
        json.WriteNumber("inFlight"u8, row.InFlight);
        json.WriteBoolean("balanced"u8, row.IsBalanced);
    }
}
