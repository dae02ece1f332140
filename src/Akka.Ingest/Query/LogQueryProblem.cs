namespace Akka.Ingest.Query;

using System.Diagnostics;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Http;

/// <summary>Refusals of queries as <c>application/problem+json</c> (RFC 9457).</summary>
internal static class LogQueryProblem
{
    /// <summary>400, with <c>parameter</c> and for a filter <c>position</c> (0-based, UTF-16) and <c>expected</c>.</summary>
    public static IResult For(HttpContext context, LogQueryError error)
    {
        var extensions = new Dictionary<string, object?> { ["parameter"] = error.Parameter };
        if (error.Filter is { } filter)
        {
            extensions["position"] = filter.Position;
            extensions["expected"] = filter.Expected;
        }

        return Problem(context, StatusCodes.Status400BadRequest, "invalid-query", "The query cannot be read", error.Detail, extensions);
    }

    public static IResult NotFound(HttpContext context) => Problem(
        context, StatusCodes.Status404NotFound, "not-found", "There is no such event", "No event with this id is in the store; it may have expired.", []);

    public static IResult For(HttpContext context, StoreException exception)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problem(
            context, StatusCodes.Status503ServiceUnavailable, "store-unavailable", "The store did not answer", exception.Failure.Detail,
            new Dictionary<string, object?> { ["code"] = exception.Failure.Code });
    }

    private static IResult Problem(HttpContext context, int status, string type, string title, string detail, Dictionary<string, object?> extensions)
    {
        extensions["traceId"] = Activity.Current?.Id ?? context.TraceIdentifier;
        return Results.Problem(detail, instance: null, status, title, type, extensions);
    }
}
