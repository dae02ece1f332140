namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using System.Text;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient.Server;

/// <summary>The rows of the table parameters of <see cref="SqlServerWriteSql.Settle"/>; null for a table without rows.</summary>
internal static class SqlServerTables
{
    public static readonly SqlMetaData[] AppendColumns =
    [
        new("arrival_offset", SqlDbType.BigInt), new("spool", SqlDbType.Binary, 16), new("partition", SqlDbType.TinyInt),
        new("last_ordinal", SqlDbType.BigInt), new("event_count", SqlDbType.Int), new("day", SqlDbType.Date),
    ];

    public static readonly SqlMetaData[] CountColumns =
    [
        new("spool", SqlDbType.Binary, 16), new("partition", SqlDbType.TinyInt), new("api_key", SqlDbType.VarBinary, SqlServerSchema.MaxApiKeyBytes),
        new("api_key_length", SqlDbType.SmallInt), new("events", SqlDbType.BigInt),
    ];

    public static readonly SqlMetaData[] DayColumns =
    [
        new("day", SqlDbType.Date), new("spool", SqlDbType.Binary, 16), new("partition", SqlDbType.TinyInt), new("events", SqlDbType.BigInt),
        new("record_bytes", SqlDbType.BigInt), new("event_time_min", SqlDbType.BigInt), new("event_time_max", SqlDbType.BigInt),
    ];

    /// <summary>Runs of events, with their places in the whole group of batches, from 0.</summary>
    public static IReadOnlyList<SqlDataRecord>? Appends(IReadOnlyList<AppendPlan> plans)
    {
        var rows = new List<SqlDataRecord>();
        long before = 0;
        foreach (var plan in plans)
        {
            foreach (var run in plan.Runs)
                rows.Add(Row(AppendColumns, before + run.LastOffset, SpoolOf(plan.Batch), PartitionOf(plan.Batch), run.LastOrdinal, run.Count, run.Day.ToDateTime(TimeOnly.MinValue)));
            before += plan.Events;
        }

        return OrNull(rows);
    }

    public static IReadOnlyList<SqlDataRecord>? Counts(IReadOnlyList<AppendPlan> plans) => OrNull([.. plans
        .SelectMany(plan => plan.Keys.Select(key => (plan.Batch, ApiKey: key.Key, Events: key.Value)))
        .GroupBy(key => (key.Batch.SpoolId, key.Batch.Partition, key.ApiKey))
        .Select(group =>
        {
            var apiKey = Encoding.UTF8.GetBytes(group.Key.ApiKey);
            var batch = group.First().Batch;
            return Row(CountColumns, SpoolOf(batch), PartitionOf(batch), apiKey, (short)apiKey.Length, group.Sum(key => key.Events));
        })]);

    public static IReadOnlyList<SqlDataRecord>? Days(IReadOnlyList<AppendPlan> plans) => OrNull([.. plans
        .SelectMany(plan => plan.Days.Select(day => (plan.Batch, Day: day.Key, Totals: day.Value)))
        .GroupBy(day => (day.Batch.SpoolId, day.Batch.Partition, day.Day))
        .Select(group =>
        {
            var batch = group.First().Batch;
            var totals = group.Select(day => day.Totals).Aggregate((sum, next) => sum.Add(next));
            return Row(
                DayColumns, group.Key.Day.ToDateTime(TimeOnly.MinValue), SpoolOf(batch), PartitionOf(batch), totals.Events, totals.RecordBytes,
                totals.TimestampMin, totals.TimestampMax);
        })]);

    public static byte[] SpoolOf(StoreBatch batch) => SpoolOf(batch.SpoolId);

    /// <summary>A spool id as the columns keep it: bytes whose order is the order of ids.</summary>
    public static byte[] SpoolOf(Guid spoolId) => spoolId.ToByteArray(bigEndian: true);

    private static byte PartitionOf(StoreBatch batch) => (byte)batch.Partition;

    private static SqlDataRecord Row(SqlMetaData[] columns, params object[] values)
    {
        var row = new SqlDataRecord(columns);
        row.SetValues(values);
        return row;
    }

    private static List<SqlDataRecord>? OrNull(List<SqlDataRecord> rows) => rows.Count == 0 ? null : rows;
}
