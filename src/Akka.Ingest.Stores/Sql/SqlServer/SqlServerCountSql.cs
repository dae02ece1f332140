namespace Akka.Ingest.Stores.Sql.SqlServer;

using static SqlServerParameter;

/// <summary>Counts made wholly by the server, for plans whose prefilter is exact. The engine chooses the index.</summary>
internal static class SqlServerCountSql
{
    /// <summary>
    /// The bucket of an event: the largest n with <c>@from + @range * n / @buckets</c>, rounded down, at or before it, as
    /// <see cref="Query.HistogramBuckets"/> cuts them. Whole numbers of 64 bits; see <see cref="FitsBuckets"/>.
    /// </summary>
    public const string BucketOf = "((e.event_time - @from + 1) * @buckets - 1) / @range";

    public static SqlServerStatement Count(SqlServerPrefilter filter) => new(
        $"count_{filter.Shape}",
        $"SELECT COUNT_BIG(*) AS events FROM dbo.Events AS e WHERE {Where(filter)}",
        [BigInt("from"), BigInt("to"), .. filter.Parameters]);

    /// <remarks>The bucket asks for the range again: an engine that computed it before it filters would leave 64 bits.</remarks>
    public static SqlServerStatement Histogram(SqlServerPrefilter filter) => new(
        $"histogram_{filter.Shape}",
        $"""
        SELECT b.bucket, e.level, COUNT_BIG(*) AS events
        FROM dbo.Events AS e CROSS APPLY (VALUES (CASE WHEN e.event_time >= @from AND e.event_time < @to THEN {BucketOf} END)) AS b (bucket)
        WHERE {Where(filter)}
        GROUP BY b.bucket, e.level
        """,
        [BigInt("from"), BigInt("to"), BigInt("buckets"), BigInt("range"), .. filter.Parameters]);

    /// <summary>True where the arithmetic of <see cref="BucketOf"/> stays within 64 bits.</summary>
    public static bool FitsBuckets(long from, long to, int buckets) => ((Int128)to - from + 1) * buckets <= long.MaxValue;

    private static string Where(SqlServerPrefilter filter) =>
        string.Join(" AND ", (string[])["e.event_time >= @from AND e.event_time < @to", .. filter.Conditions]);
}
