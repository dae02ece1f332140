namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Runs one plan in one read transaction, so that everything it reads is of one moment.</summary>
internal sealed class PostgreSqlQuery(PostgreSqlSession session, LogQueryPlan plan, PostgreSqlStoreSettings settings, TimeProvider clock) : IDisposable
{
    /// <summary>A condition that more events than this fulfil is asked while walking the time index instead.</summary>
    private const int MaxCandidates = 50_000;

    private readonly PostgreSqlEvents _events = new(session);
    private readonly SqlFilterReader _filter = new(plan, PostgreSqlEvents.ReadSpool);

    /// <summary>Events found altered, and not served, as far as the row still tells which.</summary>
    public IReadOnlyList<EventId> Altered => _events.Altered;

    /// <summary>Rows found altered while filtering.</summary>
    public int AlteredRows => _filter.AlteredRows;

    public async Task<LogPage> ReadPageAsync(CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
            return new LogPage([], null, 0, []);
        if (plan.Order == LogOrder.Received)
            return await ReadReceivedAsync(cancellationToken);
        var days = await PostgreSqlDayRange.ReadAsync(session, plan.FromTicks, plan.ToTicks, cancellationToken);
        var conditions = new PostgreSqlConditions(plan, days.HasText);
        if (conditions.Indexes.Count > 0 && !days.IsEmpty && await FindAsync(days, conditions, cancellationToken) is { } rows)
        {
            var page = new LogPageBuilder(plan);
            await _events.AddAsync(rows, page, cancellationToken);
            var isMore = page.IsFull && page.Events[^1].Id != rows[^1].Id;
            return new LogPage(page.Events, isMore ? page.LastCursor : null, rows.Count, conditions.Indexes);
        }

        var walk = new PostgreSqlTimeWalk(session, _events, _filter, plan, days);
        var result = await new SqlPageReader(plan, walk, clock).ReadAsync(_filter.IsTrue, cancellationToken);
        return new LogPage(result.Builder.Events, result.NextCursor(plan), result.Scanned, [PostgreSqlIndexStrategy.ByTime(plan)]);
    }

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
            return 0;
        long count = 0;
        var scan = new PostgreSqlScan(session, plan, _filter);
        if (!await scan.OpenAsync(cancellationToken))
            return 0;
        if (scan.IsExact)
            count = await scan.CountAsync(cancellationToken);
        await scan.VisitAsync(_ => count++, cancellationToken);
        return count;
    }

    public async Task<LogHistogram> HistogramAsync(int bucketCount, CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
            return new LogHistogram([]);
        var scan = new PostgreSqlScan(session, plan, _filter);
        await scan.OpenAsync(cancellationToken);

        // An open end is closed by the earliest or latest event.
        var from = plan.FromTicks == long.MinValue ? await scan.EdgeAsync("", cancellationToken) : plan.FromTicks;
        var to = plan.ToTicks == long.MaxValue ? await scan.EdgeAsync(" DESC", cancellationToken) + 1 : plan.ToTicks;
        if (from is not { } first || to is not { } last || first >= last)
            return new LogHistogram([]);
        var buckets = new HistogramBuckets(first, last, bucketCount);
        if (scan.IsExact)
            await scan.CountAsync(buckets, cancellationToken);
        await scan.VisitAsync(row => buckets.Add(row.TimestampTicks, row.Severity), cancellationToken);
        return buckets.ToHistogram();
    }

    public void Dispose()
    {
        _events.Dispose();
        _filter.Dispose();
    }

    private async Task<LogPage> ReadReceivedAsync(CancellationToken cancellationToken)
    {
        var walk = new PostgreSqlReceivedWalk(session, _events, _filter);
        await walk.StartAsync(plan, cancellationToken);
        var result = await new SqlPageReader(plan, walk, clock).ReadAsync(_filter.IsTrue, cancellationToken);
        var next = result.NextCursor(plan);
        var follow = next ?? new LogCursor(LogOrder.Received, walk.Arrival, default).ToString();
        return new LogPage(result.Builder.Events, next, result.Scanned, [PostgreSqlIndexStrategy.Arrival, PostgreSqlIndexStrategy.Id], follow);
    }

    /// <summary>Matches after the plan's cursor, in its order; null when there are too many, or when a page needs no search.</summary>
    private async Task<List<SqlScannedRow>?> FindAsync(PostgreSqlDayRange days, PostgreSqlConditions conditions, CancellationToken cancellationToken)
    {
        if (settings.ProbeRows > 0)
        {
            var probe = await new PostgreSqlTimeWalk(session, _events, _filter, plan, days).NextAsync(settings.ProbeRows, cancellationToken);
            if (probe.IsExhausted || probe.Matches.Count > plan.Limit)
                return null;
        }

        // The sum keeps the trees on time out of it: only what the conditions are about can serve.
        var isAscending = plan.Order == LogOrder.Ascending;
        await using var command = await session.CommandAsync(
            PlannerMode.SearchIndexes,
            $"SELECT e.timestamp, {_filter.Columns} FROM events e WHERE e.day = ANY (@days) AND e.timestamp + 0 >= @from AND e.timestamp + 0 < @to " +
            $"AND (e.timestamp + 0, e.spool, e.id) {(isAscending ? ">" : "<")} (@ticks, @spool, @id){conditions.Sql} LIMIT {MaxCandidates + 1}",
            cancellationToken);
        command.Parameters.AddWithValue("days", days.Dates);
        command.Parameters.AddWithValue("from", plan.FromTicks);
        command.Parameters.AddWithValue("to", plan.ToTicks);
        PostgreSqlPlace.Bind(command, plan.Cursor ?? PostgreSqlPlace.Before(isAscending));
        conditions.Bind(command);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<SqlScannedRow>();
        var looked = 0;
        while (await row.ReadAsync(cancellationToken))
        {
            if (++looked > MaxCandidates)
                return null;
            var scanned = _filter.Read(row);
            if (_filter.Matches(row, scanned))
                found.Add(scanned);
        }

        found.Sort((left, right) => PostgreSqlOrder.Compare(left, right) * (isAscending ? 1 : -1));
        return found;
    }
}

/// <summary>Time order: timestamp, then the text of the id, which is the order of the spool's bytes, partition and ordinal.</summary>
internal static class PostgreSqlOrder
{
    public static int Compare(in SqlScannedRow left, in SqlScannedRow right)
    {
        if (left.TimestampTicks != right.TimestampTicks)
            return left.TimestampTicks.CompareTo(right.TimestampTicks);
        Span<byte> one = stackalloc byte[16];
        Span<byte> other = stackalloc byte[16];
        left.SpoolId.TryWriteBytes(one, bigEndian: true, out _);
        right.SpoolId.TryWriteBytes(other, bigEndian: true, out _);
        var order = one.SequenceCompareTo(other);
        return order != 0 ? order : left.PackedId.CompareTo(right.PackedId);
    }
}
