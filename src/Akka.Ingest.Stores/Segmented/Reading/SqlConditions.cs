namespace Akka.Ingest.Stores.Segmented.Reading;

using System.Globalization;
using System.Text;
using Akka.Ingest.Query;
using Akka.Ingest.Stores.Segmented.Sealing;

/// <summary>A plan's conditions in the SQL of DuckDB, where they mean exactly the same.</summary>
/// <param name="Where">With <c>?</c> for each parameter.</param>
/// <param name="Columns">Columns that a count reads, by number in <see cref="SegmentSchema.Names"/>.</param>
internal sealed record SqlConditions(string Where, IReadOnlyList<string> Parameters, IReadOnlySet<int> Columns)
{
    // Of all scalars that are not ASCII, DuckDB's upper() makes an ASCII letter of these: dotless i and long s; LogText.Fold only of long s.
    private const string DotlessI = "\u0131";
    private const string NeverAscii = "\u0130";

    /// <summary>Null where SQL would not be exact.</summary>
    public static SqlConditions? Of(LogQueryPlan plan)
    {
        if (!plan.AreHintsComplete)
            return null;
        var terms = new List<string>();
        var parameters = new List<string>();
        var columns = new HashSet<int> { SegmentSchema.Timestamp, SegmentSchema.TimestampRest, SegmentSchema.Level };
        if (plan.FromTicks > 0)
            terms.Add(Compare(plan.FromTicks, ">", ">="));
        if (plan.ToTicks <= DateTime.MaxValue.Ticks)
            terms.Add(Compare(plan.ToTicks, "<", "<"));
        if (!plan.Levels.IsAll)
            terms.Add($"level IN ({string.Join(", ", plan.Levels.Severities.Select(level => $"'{level}'"))})");
        foreach (var hint in plan.Hints)
        {
            if (!TryAdd(hint, terms, parameters, columns))
                return null;
        }

        return new SqlConditions(terms.Count == 0 ? "true" : string.Join(" AND ", terms), parameters, columns);
    }

    /// <summary>Number of the bucket: the same as <see cref="HistogramBuckets"/>, whose bounds are rounded down to ticks.</summary>
    public static string Bucket(IReadOnlyList<long> bounds)
    {
        var count = bounds.Count - 1;
        var range = bounds[^1] - bounds[0];
        return string.Create(CultureInfo.InvariantCulture, $"(((epoch_us(timestamp) * 10 + timestamp_100ns) - {bounds[0] - DateTime.UnixEpoch.Ticks} + 1) * {count} - 1) // {range}");
    }

    /// <summary>False where the numbers of <see cref="Bucket"/> would not fit into 64 bits.</summary>
    public static bool CanBucket(IReadOnlyList<long> bounds) => (Int128)(bounds[^1] - bounds[0] + 1) * bounds.Count < long.MaxValue / 2;

    private static bool TryAdd(LogQueryHint hint, List<string> terms, List<string> parameters, HashSet<int> columns)
    {
        switch (hint)
        {
            case LogQueryHint.FieldIn some when some.Values.All(IsPlain):
                var column = SegmentSchema.Field(some.Field);
                columns.Add(column);
                terms.Add($"{SegmentSchema.Names[column]} IN ({string.Join(", ", some.Values.Select(_ => "?"))})");
                parameters.AddRange(some.Values.Select(Encoding.UTF8.GetString));
                return true;
            case LogQueryHint.TextContains text when text.Folded.All(value => value is > 0 and < 0x80):
                columns.UnionWith([SegmentSchema.Field(Model.EventField.Message), SegmentSchema.Field(Model.EventField.MessageTemplate), SegmentSchema.Field(Model.EventField.Exception)]);
                var folded = Encoding.ASCII.GetString(text.Folded);
                terms.Add(Contains("upper({0})"));
                parameters.AddRange([folded, folded]);
                if (folded.Contains('I', StringComparison.Ordinal))
                {
                    // Asked only of what the cheaper condition left.
                    terms.Add(Contains($"upper(replace({{0}}, '{DotlessI}', '{NeverAscii}'))"));
                    parameters.AddRange([folded, folded]);
                }

                return true;
            default:
                return false;
        }
    }

    private static string Contains(string fold)
    {
        var message = string.Format(CultureInfo.InvariantCulture, fold, "coalesce(message, message_template)");
        var exception = string.Format(CultureInfo.InvariantCulture, fold, "exception");
        return $"(coalesce(contains({message}, ?), false) OR coalesce(contains({exception}, ?), false))";
    }

    // A parameter ends at a NUL.
    private static bool IsPlain(byte[] value) => !value.AsSpan().Contains((byte)0);

    private static string Compare(long ticks, string strictly, string rest)
    {
        var (microseconds, above) = SegmentSchema.Split(ticks);
        var time = DateTime.UnixEpoch.AddTicks(microseconds * 10).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"timestamp {strictly}= TIMESTAMPTZ '{time}+00' AND (timestamp {strictly} TIMESTAMPTZ '{time}+00' OR timestamp_100ns {rest} {above})");
    }
}
