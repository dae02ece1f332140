namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>A row that matched, as far as it was read.</summary>
internal readonly record struct ScannedRow(long Arrival, long PackedId, long TimestampTicks, Severity Severity);

internal enum ScanEnd
{
    /// <summary>Nothing is left.</summary>
    Exhausted,

    /// <summary>The visitor had enough.</summary>
    Stopped,

    /// <summary>As much was looked at as one request may.</summary>
    OutOfBudget,
}

/// <summary>
/// Walks an index in the plan's order and shows the rows that match. The statement asks for the range only; levels and the rest of
/// the filter are decided here, on the columns that the filter needs and no others, so that every row looked at is counted and the
/// walk can stop and continue anywhere.
/// </summary>
/// <param name="inOrder">False where the order of events of one time does not matter.</param>
internal sealed class SqliteScan(
    SqliteSession session, IReadOnlyDictionary<int, Guid> spools, LogQueryPlan plan, AlteredRows altered, bool inOrder = true)
{
    private const int FirstField = 6;
    private const int CheckEvery = 1_024;
    private readonly SpoolRanks _ranks = new(spools);

    private bool SortsTies => inOrder && !_ranks.IsNumberOrder;

    /// <summary>Rows looked at.</summary>
    public long Scanned { get; private set; }

    /// <summary>The last row looked at; default before the first.</summary>
    public ScannedRow Last { get; private set; }

    /// <param name="visit">Gets each match; false ends the walk.</param>
    /// <param name="isOverBudget">Asked now and then with the number of rows looked at.</param>
    /// <param name="startArrival">For <see cref="LogOrder.Received"/>: begin after it.</param>
    public ScanEnd Run(Func<ScannedRow, bool> visit, Func<long, bool> isOverBudget, long startArrival = 0)
    {
        var filter = plan.CreateFilter();
        using var writer = new EventRecordWriter(1024);
        var statement = session.Prepare(Sql(plan, filter, SortsTies));
        BindBounds(statement, startArrival);
        try
        {
            while (statement.Step())
            {
                Scanned++;
                var row = new ScannedRow(statement.Int64(0), statement.Int64(1), statement.Int64(2), (Severity)statement.Int64(3));
                Last = row;
                if (IsInPlan(row) && (filter.IsTrue || Matches(filter, statement, writer, row)) && !visit(row))
                    return ScanEnd.Stopped;
                if (Scanned % CheckEvery == 0 && isOverBudget(Scanned))
                    return ScanEnd.OutOfBudget;
            }

            return ScanEnd.Exhausted;
        }
        finally
        {
            statement.Reset();
        }
    }

    private bool IsInPlan(in ScannedRow row) =>
        plan.Levels.Contains(row.Severity) && row.TimestampTicks >= plan.FromTicks && row.TimestampTicks < plan.ToTicks;

    private bool Matches(EventFilter filter, SqliteStatement statement, EventRecordWriter writer, in ScannedRow row)
    {
        if (!spools.TryGetValue(PackedId.SpoolNumber(row.PackedId), out var spoolId))
            return false;
        writer.Clear();
        RecordColumns.Write(writer, statement, row.TimestampTicks, 0, row.Severity, FirstField, filter.Fields);
        try
        {
            return filter.Matches(
                EventRecord.Read(writer.WrittenSpan),
                new EventOrigin(PackedId.Unpack(row.PackedId, spoolId), statement.Int64(4), statement.Bytes(5)));
        }
        catch (JsonException)
        {
            altered.Add(row.Arrival); // Its JSON is no JSON any more.
            return false;
        }
    }

    /// <summary>The statement for a plan.</summary>
    public static string SqlFor(LogQueryPlan plan, bool sortsTies = false) => Sql(plan, plan.CreateFilter(), sortsTies);

    private static string Sql(LogQueryPlan plan, EventFilter filter, bool sortsTies)
    {
        var columns = "arrival, id, timestamp, level";
        if (!filter.IsTrue)
        {
            columns += ", received, api_key";
            for (var field = 0; field < EventFields.Count; field++)
            {
                if ((filter.Fields & (1 << field)) != 0)
                    columns += ", " + SqliteSchema.FieldColumns[field];
            }
        }

        if (plan.Order == LogOrder.Received)
            return $"SELECT {columns} FROM Events WHERE arrival > ? ORDER BY arrival";
        var index = SqliteIndexStrategy.ChooseByTime(plan);
        var severe = index == SqliteIndexStrategy.Severe ? string.Create(CultureInfo.InvariantCulture, $" AND level >= {(int)Severity.Warning}") : "";
        var from = $"SELECT {columns} FROM Events INDEXED BY {index} WHERE";
        if (!sortsTies)
        {
            return plan.Order == LogOrder.Ascending
                ? $"{from} timestamp < ?1 AND (timestamp, id) > (?2, ?3){severe} ORDER BY timestamp, id"
                : $"{from} timestamp >= ?1 AND (timestamp, id) < (?2, ?3){severe} ORDER BY timestamp DESC, id DESC";
        }

        const string Rank = SpoolRanks.Sql;
        return plan.Order == LogOrder.Ascending
            ? $"{from} timestamp < ?1 AND timestamp >= ?2 AND (timestamp > ?2 OR ({Rank}, id) > (?5, ?3)){severe} ORDER BY timestamp, {Rank}, id"
            : $"{from} timestamp >= ?1 AND timestamp <= ?2 AND (timestamp < ?2 OR ({Rank}, id) < (?5, ?3)){severe} ORDER BY timestamp DESC, {Rank} DESC, id DESC";
    }

    private void BindBounds(SqliteStatement statement, long startArrival)
    {
        if (plan.Order == LogOrder.Received)
        {
            statement.Bind(1, startArrival);
            return;
        }

        var start = ScanBounds.Start(plan, spools, _ranks);
        statement.Bind(1, plan.Order == LogOrder.Ascending ? plan.ToTicks : plan.FromTicks);
        statement.Bind(2, start.Ticks);
        statement.Bind(3, start.PackedId);
        if (!SortsTies)
            return;
        statement.Bind(4, _ranks.Table);
        statement.Bind(5, start.Rank);
    }
}

/// <summary>Where a walk in time order begins: after this place.</summary>
internal static class ScanBounds
{
    public static ScanPlace Start(LogQueryPlan plan, IReadOnlyDictionary<int, Guid> spools, SpoolRanks ranks)
    {
        // No packed id is below 0, so a tie of -1 lies before every event of its time.
        var isAscending = plan.Order == LogOrder.Ascending;
        var edge = new ScanPlace(isAscending ? plan.FromTicks : plan.ToTicks, SpoolRanks.Lowest, -1);
        if (plan.Cursor is not { } cursor)
            return edge;
        var place = Place(cursor, spools, ranks);
        return isAscending == (ranks.Compare(place, edge) > 0) ? place : edge;
    }

    // A spool that is not in the store (any more): rather show an event twice than miss one.
    private static ScanPlace Place(LogCursor cursor, IReadOnlyDictionary<int, Guid> spools, SpoolRanks ranks)
    {
        foreach (var (number, spoolId) in spools)
        {
            if (spoolId == cursor.Id.SpoolId)
            {
                var packed = PackedId.Pack(number, cursor.Id.Partition, cursor.Id.Ordinal);
                return new ScanPlace(cursor.Key, ranks.Of(packed), packed);
            }
        }

        return cursor.Order == LogOrder.Ascending
            ? new ScanPlace(cursor.Key, SpoolRanks.Lowest, -1)
            : new ScanPlace(cursor.Key, SpoolRanks.Highest, long.MaxValue);
    }
}
