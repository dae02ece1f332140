namespace Akka.Ingest.Query;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

/// <summary>The reading half of <c>/api/v1.0/logs</c>.</summary>
public static class LogQueryEndpoints
{
    /// <summary>Needs <see cref="ILogStore"/> and <see cref="ILogQueryPlanner"/> in the services. Whoever maps it adds authorization.</summary>
    public static IEndpointRouteBuilder MapLogQueries(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1.0/logs", QueryAsync).WithName("QueryLogs").WithSummary("One page of events");
        routes.MapGet("/api/v1.0/logs/{id}", FindAsync).WithName("FindLog").WithSummary("One event by its id");
        routes.MapGet("/api/v1.0/logs/count", CountAsync).WithName("CountLogs").WithSummary("How many events match");
        routes.MapGet("/api/v1.0/logs/histogram", HistogramAsync).WithName("LogHistogram").WithSummary("Counts by time and level");
        return routes;
    }

    private static Task QueryAsync(HttpContext context, ILogStore store, ILogQueryPlanner planner) => AnswerAsync(context, planner, async plan =>
    {
        var page = await store.QueryAsync(plan, context.RequestAborted);
        return () => LogAnswerWriter.WritePageAsync(context, page, plan, store.Provider);
    });

    private static Task CountAsync(HttpContext context, ILogStore store, ILogQueryPlanner planner) => AnswerAsync(context, planner, async plan =>
    {
        var count = await store.CountAsync(plan, context.RequestAborted);
        return () => LogAnswerWriter.WriteCountAsync(context, count);
    });

    private static Task HistogramAsync(HttpContext context, ILogStore store, ILogQueryPlanner planner)
    {
        var buckets = LogQueryParameters.ReadBuckets(context.Request.Query, out var error);
        return error is not null ? RefuseAsync(context, error) : AnswerAsync(context, planner, async plan =>
        {
            var histogram = await store.HistogramAsync(plan, buckets, context.RequestAborted);
            return () => LogAnswerWriter.WriteHistogramAsync(context, histogram);
        });
    }

    private static async Task FindAsync(HttpContext context, string id, ILogStore store)
    {
        try
        {
            // A text that is no id names no event.
            if (!EventId.TryParse(id, out var eventId) || await store.FindAsync(eventId, context.RequestAborted) is not { } stored)
                await LogQueryProblem.NotFound(context).ExecuteAsync(context);
            else
                await LogAnswerWriter.WriteEventAsync(context, stored);
        }
        catch (StoreException exception)
        {
            await LogQueryProblem.For(context, exception).ExecuteAsync(context);
        }
    }

    // The store is read before the first byte of the answer is written, so that a failure still has a status of its own.
    private static async Task AnswerAsync(HttpContext context, ILogQueryPlanner planner, Func<LogQueryPlan, Task<Func<Task>>> read)
    {
        if (LogQueryParameters.Read(context.Request.Query, out var error) is not { } request)
        {
            await RefuseAsync(context, error!);
            return;
        }

        var planning = planner.Plan(request);
        if (planning is LogQueryPlanning.Refused refused)
        {
            await RefuseAsync(context, refused.Error);
            return;
        }

        Func<Task> write;
        try
        {
            write = await read(((LogQueryPlanning.Planned)planning).Plan);
        }
        catch (StoreException exception)
        {
            await LogQueryProblem.For(context, exception).ExecuteAsync(context);
            return;
        }

        await write();
    }

    private static Task RefuseAsync(HttpContext context, LogQueryError error) => LogQueryProblem.For(context, error).ExecuteAsync(context);
}
