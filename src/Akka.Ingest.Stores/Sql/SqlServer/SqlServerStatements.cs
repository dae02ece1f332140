namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Query;

/// <summary>Every statement the store can send, for the tests that check each of them against the schema.</summary>
internal static class SqlServerStatements
{
    public static IEnumerable<SqlServerStatement> All =>
        [.. SqlServerWriteSql.All, .. SqlServerReadSql.All, .. SqlServerAdminSql.All, SqlServerScanSql.TraceSize, .. Composed];

    private static IEnumerable<SqlServerStatement> Composed
    {
        get
        {
            foreach (var filter in Filters)
            {
                yield return SqlServerCountSql.Count(filter);
                yield return SqlServerCountSql.Histogram(filter);
                yield return SqlServerScanSql.Received(byTime: false, filter);
                yield return SqlServerScanSql.Received(byTime: true, filter);
                foreach (var order in Orders)
                {
                    foreach (var index in Indexes)
                    {
                        yield return SqlServerScanSql.FromEdge(order, index, filter);
                        yield return SqlServerScanSql.FromPlace(order, index, filter);
                    }
                }
            }

            foreach (var order in Orders)
            {
                yield return SqlServerScanSql.Trace(order, fromPlace: false);
                yield return SqlServerScanSql.Trace(order, fromPlace: true);
            }
        }
    }

    private static LogOrder[] Orders => [LogOrder.Ascending, LogOrder.Descending];

    private static string[] Indexes => [SqlServerIndexStrategy.Time, SqlServerIndexStrategy.Severe];

    private static readonly bool[] Either = [false, true];
    private static readonly byte[][][] NoneOrOne = [[], [[]]];

    private static IEnumerable<SqlServerPrefilter> Filters =>
        from byLevel in Either
        from sources in NoneOrOne
        from categories in NoneOrOne
        select new SqlServerPrefilter(byLevel, sources, categories, IsExact: false);
}
