namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Runs one plan in one read transaction, so that everything it reads is of one moment.</summary>
internal sealed class SqlServerQuery(SqlServerRead read, LogQueryPlan plan, TimeProvider clock)
{
    private const int RowsAtOnce = 8_000;
    private readonly SqlServerMatcher _matcher = new(plan);

    /// <summary>Events found altered, and not served.</summary>
    public IReadOnlyList<EventId> Altered => _matcher.Altered;

    public async Task<LogPage> ReadPageAsync(CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
            return new LogPage([], null, 0, []);
        if (plan.Order == LogOrder.Received)
            return await ReadReceivedAsync(cancellationToken);
        var trace = new SqlServerTrace(read, plan, _matcher);
        if (await trace.IsWorthwhileAsync(cancellationToken))
            return await trace.ReadPageAsync(cancellationToken);
        var walk = new SqlServerTimeWalk(read, plan, _matcher);
        var result = await new SqlPageReader(plan, walk, clock).ReadAsync(_matcher.IsTrue, cancellationToken);
        return new LogPage(result.Builder.Events, result.NextCursor(plan), result.Scanned, [SqlServerIndexStrategy.ChooseByTime(plan)]);
    }

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
            return 0;
        var filter = SqlServerPrefilter.Of(plan);
        if (filter.IsExact)
        {
            var counts = await read.RowsAsync(
                SqlServerCountSql.Count(filter), [plan.FromTicks, plan.ToTicks, .. filter.Values(plan)], row => row.GetInt64(0), cancellationToken);
            return counts[0];
        }

        long count = 0;
        await VisitAsync((_, _) => count++, cancellationToken);
        return count;
    }

    public async Task<LogHistogram> HistogramAsync(int bucketCount, CancellationToken cancellationToken)
    {
        if (plan.IsEmpty || await FindRangeAsync(cancellationToken) is not { } range)
            return new LogHistogram([]);
        var buckets = new HistogramBuckets(range.From, range.To, bucketCount);
        var filter = SqlServerPrefilter.Of(plan);
        if (filter.IsExact && SqlServerCountSql.FitsBuckets(range.From, range.To, buckets.Bounds.Count - 1))
            await CountBucketsAsync(filter, range, buckets, cancellationToken);
        else
            await VisitAsync(buckets.Add, cancellationToken);
        return buckets.ToHistogram();
    }

    private async Task CountBucketsAsync(SqlServerPrefilter filter, (long From, long To) range, HistogramBuckets buckets, CancellationToken cancellationToken)
    {
        var counts = await read.RowsAsync(
            SqlServerCountSql.Histogram(filter),
            [range.From, range.To, (long)(buckets.Bounds.Count - 1), range.To - range.From, .. filter.Values(plan)],
            row => (Bucket: (int)row.GetInt64(0), Severity: (Severity)row.GetByte(1), Events: row.GetInt64(2)),
            cancellationToken);
        foreach (var (bucket, severity, events) in counts)
            buckets.Add(bucket, severity, events);
    }

    private async Task<LogPage> ReadReceivedAsync(CancellationToken cancellationToken)
    {
        var walk = new SqlServerReceivedWalk(read, plan, _matcher);
        await walk.StartAsync(cancellationToken);
        var result = await new SqlPageReader(plan, walk, clock).ReadAsync(_matcher.IsTrue, cancellationToken);
        var next = result.NextCursor(plan);
        var follow = next ?? new LogCursor(LogOrder.Received, walk.Arrival, default).ToString();
        return new LogPage(result.Builder.Events, next, result.Scanned, [SqlServerIndexStrategy.Arrival, SqlServerIndexStrategy.Id], follow);
    }

    // Order and place of a page mean nothing to a count.
    private async Task VisitAsync(Action<long, Severity> visit, CancellationToken cancellationToken)
    {
        var all = plan with { Order = LogOrder.Ascending, Cursor = null, After = null };
        var trace = new SqlServerTrace(read, all, _matcher);
        if (await trace.IsWorthwhileAsync(cancellationToken))
        {
            await trace.VisitAsync(visit, cancellationToken);
            return;
        }

        var walk = new SqlServerTimeWalk(read, all, _matcher);
        for (var isMore = true; isMore;)
        {
            var chunk = await walk.NextAsync(RowsAtOnce, cancellationToken);
            foreach (var row in chunk.Matches)
                visit(row.TimestampTicks, row.Severity);
            isMore = !chunk.IsExhausted;
        }
    }

    // An open end is closed by the earliest or latest event.
    private async Task<(long From, long To)?> FindRangeAsync(CancellationToken cancellationToken)
    {
        if (plan.FromTicks != long.MinValue && plan.ToTicks != long.MaxValue)
            return (plan.FromTicks, plan.ToTicks);
        var edges = await read.RowsAsync(
            SqlServerReadSql.Edges,
            [plan.FromTicks, plan.ToTicks],
            row => row.IsDBNull(0) ? ((long First, long Last)?)null : (row.GetInt64(0), row.GetInt64(1)),
            cancellationToken);
        if (edges[0] is not { } edge)
            return null;
        return (plan.FromTicks == long.MinValue ? edge.First : plan.FromTicks, plan.ToTicks == long.MaxValue ? edge.Last + 1 : plan.ToTicks);
    }
}
