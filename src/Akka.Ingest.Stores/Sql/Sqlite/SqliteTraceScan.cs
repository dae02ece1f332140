namespace Akka.Ingest.Stores.Sql.Sqlite;

using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>
/// Finds the events of one trace: looks the trace up in every block of arrivals, then puts what it found in the plan's order.
/// </summary>
internal static class SqliteTraceScan
{
    /// <summary>A trace of more events than this is found by walking the time index instead.</summary>
    public const int MaxCandidates = 50_000;

    private const string Sql =
        "SELECT arrival, id, timestamp, level FROM Events INDEXED BY Events_Trace " +
        "WHERE arrival >> 16 = ? AND substr(trace_id, 1, 8) = substr(?, 1, 8) AND trace_id IS NOT NULL";

    /// <summary>
    /// Rows that may be of the trace, after the plan's cursor and in its order; the residual filter is still to be asked. Null when
    /// there are too many.
    /// </summary>
    public static List<ScannedRow>? Find(SqliteSession session, IReadOnlyDictionary<int, Guid> spools, LogQueryPlan plan)
    {
        var first = session.ReadInt64("SELECT coalesce(min(arrival), 0) FROM Events") >> SqliteSchema.TraceBlockBits;
        var last = session.ReadInt64("SELECT coalesce(max(arrival), -1) FROM Events") >> SqliteSchema.TraceBlockBits;
        var ranks = new SpoolRanks(spools);
        var start = ScanBounds.Start(plan, spools, ranks);
        var found = new List<ScannedRow>();
        var statement = session.Prepare(Sql);
        statement.Bind(2, plan.TraceId!);
        try
        {
            for (var block = first; block <= last; block++)
            {
                statement.Bind(1, block);
                while (statement.Step())
                {
                    var row = new ScannedRow(statement.Int64(0), statement.Int64(1), statement.Int64(2), (Severity)statement.Int64(3));
                    if (IsInPlan(plan, row, ranks.Compare(ranks.PlaceOf(row), start)))
                        found.Add(row);
                    if (found.Count > MaxCandidates)
                        return null;
                }

                statement.Reset();
            }
        }
        finally
        {
            statement.Reset();
        }

        found.Sort((left, right) => ranks.Compare(ranks.PlaceOf(left), ranks.PlaceOf(right)));
        if (plan.Order == LogOrder.Descending)
            found.Reverse();
        return found;
    }

    private static bool IsInPlan(LogQueryPlan plan, in ScannedRow row, int order) =>
        plan.Levels.Contains(row.Severity) && row.TimestampTicks >= plan.FromTicks && row.TimestampTicks < plan.ToTicks
        && (plan.Order == LogOrder.Ascending ? order > 0 : order < 0);
}
