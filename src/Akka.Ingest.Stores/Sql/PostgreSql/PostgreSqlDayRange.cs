namespace Akka.Ingest.Stores.Sql.PostgreSql;

/// <summary>Which timestamps the events of a day have.</summary>
internal readonly record struct PostgreSqlDay(DateOnly Day, long Events, long Lowest, long Highest, bool HasText);

/// <summary>A range of time and the days with events in it.</summary>
/// <param name="From">Ticks, inclusive.</param>
/// <param name="To">Ticks, exclusive.</param>
internal readonly record struct PostgreSqlSegment(long From, long To, DateOnly[] Days);

/// <summary>The days that a query must open.</summary>
internal sealed class PostgreSqlDayRange
{
    private readonly long _from;
    private readonly long _to;

    private PostgreSqlDayRange(IReadOnlyList<PostgreSqlDay> days, long from, long to)
    {
        Days = days;
        _from = from;
        _to = to;
    }

    public IReadOnlyList<PostgreSqlDay> Days { get; }

    public DateOnly[] Dates => [.. Days.Select(day => day.Day)];

    public bool IsEmpty => Days.Count == 0;

    /// <summary>True when all of them keep the folded text.</summary>
    public bool HasText => Days.All(day => day.HasText);

    /// <summary>Reads the days with events from <paramref name="from"/>, inclusive, to <paramref name="to"/>, exclusive.</summary>
    public static async Task<PostgreSqlDayRange> ReadAsync(PostgreSqlSession session, long from, long to, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(
            PlannerMode.Free,
            "SELECT day, events, timestamp_min, timestamp_max, has_text FROM days WHERE events > 0 AND timestamp_max >= @from AND timestamp_min < @to",
            cancellationToken);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<PostgreSqlDay>();
        while (await row.ReadAsync(cancellationToken))
            days.Add(new PostgreSqlDay(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetBoolean(4)));
        return new PostgreSqlDayRange(days, from, to);
    }

    /// <summary>
    /// The range cut where a day ends, earliest first. A walk goes through one after another and so opens the tables of a day or two,
    /// however many there are.
    /// </summary>
    public IReadOnlyList<PostgreSqlSegment> Segments()
    {
        var ends = Days.Select(day => Math.Min(day.Highest, _to - 1) + 1).Distinct().Order().ToArray();
        var segments = new List<PostgreSqlSegment>(ends.Length);
        var from = _from;
        foreach (var to in ends)
        {
            var start = from;
            DateOnly[] days = [.. Days.Where(day => day.Lowest < to && day.Highest >= start).Select(day => day.Day)];
            segments.Add(new PostgreSqlSegment(start, to, days));
            from = to;
        }

        return segments;
    }
}
