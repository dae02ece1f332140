namespace Akka.Ingest.Http;

using System.Buffers;
using Microsoft.AspNetCore.Http;

/// <summary>Writes a whole answer at once, with its length.</summary>
internal static class Answer
{
    public const string Json = "application/json";

    public static Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlySpan<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            response.BodyWriter.Write(body);

        // The server flushes when the request ends.
        return Task.CompletedTask;
    }
}
