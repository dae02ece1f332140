namespace Akka.Ingest.Stores.Sql.PostgreSql;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>The indexes, and which one serves a plan.</summary>
internal sealed class PostgreSqlIndexStrategy(Func<NpgsqlDataSource> source) : ILogIndexStrategy
{
    public const string Time = "events_time";
    public const string Severe = "events_severe";
    public const string Id = "events_id";
    public const string Blocks = "events_blocks";
    public const string Trace = "events_trace";
    public const string Properties = "events_properties";
    public const string Opaque = "events_opaque";
    public const string Text = "events_*_text";
    public const string Arrival = "appends_pkey";

    // A day's index hangs below the one of the table; the trigram index belongs to the days that have one.
    private const string Sizes = """
        SELECT i.name, sum(pg_relation_size(t.relid))::bigint
        FROM unnest($1) AS i (name), LATERAL pg_partition_tree(to_regclass(i.name)) AS t GROUP BY i.name
        UNION ALL SELECT 'events_*_text', sum(pg_relation_size(c.oid))::bigint FROM pg_class c
        WHERE c.relkind = 'i' AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass) AND c.relname ~ '^events_\d{8}_text$'
        UNION ALL SELECT 'appends_pkey', pg_relation_size('appends_pkey')
        """;

    private static readonly LogIndexDescriptor[] Descriptors =
    [
        new(Time, ["timestamp", "spool", "id", "level", "day"], "time ranges in time order; counts and histograms without a further filter read nothing else"),
        new(Severe, ["timestamp", "spool", "id", "level", "day"], "the same for level Warning and above, which are few"),
        new(Id, ["spool", "id"], "an event by its id, and order=received"),
        new(Arrival, ["first_arrival"], "order=received: runs of ids in the order of their commits"),
        new(Blocks, ["timestamp"], "block ranges by time, for ranges too wide for the tree"),
        new(Trace, ["trace_id"], "all events of one trace: Bloom filters of block ranges"),
        new(Properties, ["property_index"], "a property equal to a value"),
        new(Opaque, ["timestamp"], "events whose properties jsonb does not take, so that no property search misses them"),
        new(Text, ["text_index"], "substrings of message and exception, on days made with Storage:PostgreSql:TextIndex"),
    ];

    public async Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = source().CreateCommand(Sizes);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [Time, Severe, Id, Blocks, Trace, Properties, Opaque] });
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
            while (await row.ReadAsync(cancellationToken))
                sizes[row.GetString(0)] = row.IsDBNull(1) ? 0 : row.GetInt64(1);
            return [.. Descriptors.Select(index => index with { SizeBytes = sizes.GetValueOrDefault(index.Name) })];
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            throw PostgreSqlFailures.Thrown(exception);
        }
    }

    public static string ByTime(LogQueryPlan plan) => plan.Levels.IsWithin(LevelSet.AtLeast(Severity.Warning)) ? Severe : Time;
}
