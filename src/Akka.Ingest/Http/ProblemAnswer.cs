namespace Akka.Ingest.Http;

using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Ingest.Model;
using Microsoft.AspNetCore.Http;

/// <summary>Refusals of native calls: <c>application/problem+json</c> (RFC 9457).</summary>
internal static class ProblemAnswer
{
    private const int MaxErrors = 10;
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext context, IngestError error, RateLimit? limit = null)
    {
        var refusal = Refusals.Of(error.Kind);
        var status = refusal.StatusFor(IngestProtocol.Native);
        WriteFields(context, refusal, error, status, limit);
        return WriteBodyAsync(context, status, refusal.Type, refusal.Title, error, limit);
    }

    /// <summary>A 404 of a native call.</summary>
    public static Task WriteNotFoundAsync(HttpContext context, string detail) => WriteBodyAsync(
        context, StatusCodes.Status404NotFound, "urn:akka-ingest:problem:not-found", "Not found", new IngestError(IngestErrorKind.InvalidContent, detail), limit: null);

    /// <summary>A 409: the settings do not allow what is asked.</summary>
    public static Task WriteConflictAsync(HttpContext context, string detail) => WriteBodyAsync(
        context, StatusCodes.Status409Conflict, "urn:akka-ingest:problem:conflict", "Not with these settings", new IngestError(IngestErrorKind.InvalidContent, detail), limit: null);

    /// <summary>A bug: the log has the exception, the answer only the trace id to find it by.</summary>
    public static Task WriteUnexpectedAsync(HttpContext context) => WriteBodyAsync(
        context,
        StatusCodes.Status500InternalServerError,
        "urn:akka-ingest:problem:unexpected",
        "Unexpected error",
        new IngestError(IngestErrorKind.OutcomeUnknown, "The server met an error it does not know. The log has it under this trace id; whether anything was kept is not known."),
        limit: null);

    /// <summary>Header fields of a refusal, the same for every protocol.</summary>
    public static void WriteFields(HttpContext context, Refusal refusal, IngestError error, int status, RateLimit? limit)
    {
        var headers = context.Response.Headers;
        if (refusal.RetryAfter(error, status) is { } seconds)
            headers.RetryAfter = (limit?.ResetSeconds ?? seconds).ToString(CultureInfo.InvariantCulture);
        if (error.Kind == IngestErrorKind.Unauthenticated)
            headers.WWWAuthenticate = "Bearer realm=\"Akka.Ingest\"";
        if (limit is not null)
        {
            headers["RateLimit-Policy"] = limit.PolicyField;
            headers["RateLimit"] = limit.StateField;
        }
    }

    private static Task WriteBodyAsync(HttpContext context, int status, string type, string title, IngestError error, RateLimit? limit)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, error.Detail);
            json.WriteString("traceId"u8, Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier);
            if (limit is not null)
                WriteLimit(json, limit);
            if (error.Details is { Count: > 0 } details)
                WriteErrors(json, details);
            json.WriteEndObject();
        }

        return Answer.WriteAsync(context, status, "application/problem+json", buffer.WrittenSpan);
    }

    private static void WriteLimit(Utf8JsonWriter json, RateLimit limit)
    {
        json.WriteStartObject("limit"u8);
        json.WriteString("name"u8, limit.Policy);
        json.WriteNumber("quota"u8, limit.Limit);
        json.WriteNumber("windowSeconds"u8, limit.WindowSeconds);
        json.WriteNumber("resetSeconds"u8, limit.ResetSeconds);
        json.WriteEndObject();
    }

    private static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<LineError> details)
    {
        json.WriteStartArray("errors"u8);
        for (var i = 0; i < Math.Min(details.Count, MaxErrors); i++)
        {
            json.WriteStartObject();
            json.WriteNumber("line"u8, details[i].Line);
            json.WriteString("code"u8, details[i].Code);
            json.WriteString("detail"u8, details[i].Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
