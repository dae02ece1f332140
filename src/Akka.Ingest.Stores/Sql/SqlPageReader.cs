namespace Akka.Ingest.Stores.Sql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Rows that follow each other in a plan's order.</summary>
/// <param name="Matches">Those of them that match.</param>
/// <param name="Scanned">How many were looked at.</param>
/// <param name="Last">The last one looked at; the place where the next chunk begins.</param>
/// <param name="IsExhausted">True when nothing comes after it.</param>
internal sealed record SqlChunk(IReadOnlyList<SqlScannedRow> Matches, long Scanned, SqlScannedRow Last, bool IsExhausted);

/// <summary>A walk over the events in a plan's order, in chunks: a place to stop and go on after each.</summary>
internal interface ISqlWalk
{
    /// <summary>Looks at the next rows, at most about <paramref name="rows"/>.</summary>
    Task<SqlChunk> NextAsync(int rows, CancellationToken cancellationToken);

    /// <summary>Adds the events of these rows to the page, in order, until it is full.</summary>
    Task AddAsync(IReadOnlyList<SqlScannedRow> rows, LogPageBuilder page, CancellationToken cancellationToken);
}

/// <summary>Fills a page from a walk; the same budget for every relational server.</summary>
internal sealed class SqlPageReader(LogQueryPlan plan, ISqlWalk walk, TimeProvider clock)
{
    private const int FirstChunk = 1_000;
    private const int LargestChunk = 16_000;

    /// <summary>How far a full page looks for one more match before it says that there may be a next page.</summary>
    private const int MaxLookahead = 10_000;

    /// <param name="everyRowMatches">The first chunk then need not be longer than the page.</param>
    public async Task<SqlPage> ReadAsync(bool everyRowMatches, CancellationToken cancellationToken)
    {
        var page = new LogPageBuilder(plan);
        var began = clock.GetTimestamp();
        long scanned = 0;
        long fullAt = 0;
        var rows = everyRowMatches ? plan.Limit + 1 : FirstChunk;
        while (true)
        {
            var chunk = await walk.NextAsync((int)Math.Clamp(plan.MaxScannedEvents - scanned, 1, rows), cancellationToken);
            scanned += chunk.Scanned;
            if (page.IsFull && chunk.Matches.Count > 0)
                return new SqlPage(page, scanned, chunk.Last, IsStopped: true);
            if (chunk.Matches.Count > 0 && await FillAsync(page, chunk.Matches, cancellationToken))
                return new SqlPage(page, scanned, chunk.Last, IsStopped: true);
            if (chunk.IsExhausted)
                return new SqlPage(page, scanned, chunk.Last);
            if (!page.IsFull)
                fullAt = scanned;
            else if (scanned - fullAt >= MaxLookahead)
                return new SqlPage(page, scanned, chunk.Last, IsStopped: true);
            if (scanned >= plan.MaxScannedEvents || clock.GetElapsedTime(began) > plan.MaxDuration)
                return new SqlPage(page, scanned, chunk.Last, IsStopped: page.IsFull, IsOutOfBudget: true);
            rows = Math.Min(Math.Max(rows, FirstChunk) * 2, LargestChunk);
        }
    }

    /// <returns>True when a match is left that the page has no room for.</returns>
    private async Task<bool> FillAsync(LogPageBuilder page, IReadOnlyList<SqlScannedRow> matches, CancellationToken cancellationToken)
    {
        // Altered rows are not served, so more rows than there are places left may be needed.
        for (var at = 0; at < matches.Count;)
        {
            if (page.IsFull)
                return true;
            var some = matches.Skip(at).Take(plan.Limit - page.Events.Count).ToArray();
            await walk.AddAsync(some, page, cancellationToken);
            at += some.Length;
            if (page.IsFull && page.Events[^1].Id != some[^1].Id)
                return true;
        }

        return false;
    }
}

/// <param name="Builder">The events.</param>
/// <param name="Scanned">Rows looked at.</param>
/// <param name="Last">The last of them.</param>
/// <param name="IsStopped">The page is full and more may follow its last event.</param>
/// <param name="IsOutOfBudget">As much was looked at as one request may.</param>
internal sealed record SqlPage(LogPageBuilder Builder, long Scanned, SqlScannedRow Last, bool IsStopped = false, bool IsOutOfBudget = false)
{
    /// <summary>Text for the next page; null where nothing is left.</summary>
    public string? NextCursor(LogQueryPlan plan)
    {
        if (IsStopped)
            return Builder.LastCursor;
        if (!IsOutOfBudget)
            return null;
        return new LogCursor(plan.Order, Last.Place, plan.Order == LogOrder.Received ? default : Last.Id).ToString();
    }
}
