namespace Akka.Ingest.Operations;

using System.Buffers;
using System.Text.Json;
using Akka.Ingest.Http;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Http;

/// <summary>Writes what operators ask for: indented JSON that no cache keeps.</summary>
internal static class DiagnosticsAnswer
{
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        var buffer = new ArrayBufferWriter<byte>(2_048);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
            write(json);
        context.Response.Headers.CacheControl = "no-store";
        return Answer.WriteAsync(context, status, Answer.Json, buffer.WrittenSpan);
    }

    public static Task WriteStoreAwayAsync(HttpContext context, StoreException exception) => LogQueryProblem.For(context, exception).ExecuteAsync(context);

    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    /// <summary>Rounded to three digits after the point.</summary>
    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, Math.Round(number, 3));
        else
            json.WriteNull(name);
    }
}
