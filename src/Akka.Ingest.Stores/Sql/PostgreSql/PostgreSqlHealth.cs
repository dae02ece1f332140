namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Storage;

/// <summary>What the store tells about itself, from the system tables: nothing of it reads events.</summary>
internal static class PostgreSqlHealth
{
    private const string Days =
        "SELECT d.day, d.events, " +
        "coalesce(pg_total_relation_size(to_regclass('events_' || to_char(d.day, 'YYYYMMDD'))) * (d.events::float8 / (d.events + d.removed)), 0)::bigint, " +
        "d.timestamp_min, d.timestamp_max FROM days d WHERE d.events > 0 ORDER BY d.day";

    private const string Counts =
        "SELECT spool, api_key, sum(stored)::bigint, sum(expired)::bigint FROM (" +
        "SELECT spool, api_key, events AS stored, 0 AS expired FROM day_counts UNION ALL SELECT spool, api_key, 0, events FROM expired) c " +
        "GROUP BY spool, api_key ORDER BY spool, api_key";

    public static async Task<IReadOnlyList<StoredDay>> ReadDaysAsync(PostgreSqlSession session, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(PlannerMode.Free, Days, cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<StoredDay>();
        while (await row.ReadAsync(cancellationToken))
            days.Add(new StoredDay(row.GetFieldValue<DateOnly>(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)));
        return days;
    }

    public static async Task<IReadOnlyList<StoredCounts>> ReadCountsAsync(PostgreSqlSession session, CancellationToken cancellationToken)
    {
        await using var command = await session.CommandAsync(PlannerMode.Free, Counts, cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<StoredCounts>();
        while (await row.ReadAsync(cancellationToken))
            counts.Add(new StoredCounts(row.GetGuid(0), System.Text.Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(1)), row.GetInt64(2), row.GetInt64(3)));
        return counts;
    }

    public static async Task<StoreHealth> ReadAsync(PostgreSqlSession session, CancellationToken cancellationToken)
    {
        var version = (int)await session.ReadNumberAsync("SELECT max(version) FROM SchemaVersions", cancellationToken);
        var events = await session.ReadNumberAsync("SELECT coalesce(sum(events), 0) FROM days", cancellationToken);
        await using var command = await session.CommandAsync(PlannerMode.Free, PostgreSqlHealthSql.Parts, cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new List<StorePart>();
        var sums = default(Sums);
        while (await row.ReadAsync(cancellationToken))
        {
            var part = new StorePart(row.GetString(0), row.GetString(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3));
            parts.Add(part);
            sums = sums.Plus(part, deadRows: row.GetInt64(4), liveRows: row.GetInt64(5), neededBytes: row.IsDBNull(6) ? part.Bytes : (long)row.GetDouble(6));
        }

        return new StoreHealth
        {
            SchemaVersion = version,
            Bytes = sums.TableBytes + sums.IndexBytes,
            Events = events,
            Parts = parts,
            FragmentationPercent = Percent(sums.DeadRows, sums.DeadRows + sums.LiveRows),
            TableBloatPercent = Percent(sums.TableSurplus, sums.TableBytes),
            IndexBloatPercent = Percent(sums.IndexSurplus, sums.IndexBytes),
        };
    }

    private static double Percent(long part, long whole) => whole == 0 ? 0 : 100.0 * part / whole;

    private readonly record struct Sums(long TableBytes, long TableSurplus, long IndexBytes, long IndexSurplus, long DeadRows, long LiveRows)
    {
        public Sums Plus(StorePart part, long deadRows, long liveRows, long neededBytes)
        {
            var surplus = Math.Max(0, part.Bytes - neededBytes);
            return part.Kind == "index"
                ? this with { IndexBytes = IndexBytes + part.Bytes, IndexSurplus = IndexSurplus + surplus }
                : this with { TableBytes = TableBytes + part.Bytes, TableSurplus = TableSurplus + surplus, DeadRows = DeadRows + deadRows, LiveRows = LiveRows + liveRows };
        }
    }
}
