namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using static SqlServerParameter;

/// <summary>
/// What of a plan the server is asked beside the time range: levels, source, category. It lets through every match and perhaps more;
/// <see cref="IsExact"/> says when no more.
/// </summary>
/// <param name="ByLevel">Not every level is wanted.</param>
/// <param name="Sources">Beginnings of the texts that <c>source</c> may equal; empty where the plan does not say.</param>
/// <param name="Categories">The same for <c>category</c>.</param>
/// <param name="IsExact">What passes fulfils the whole plan.</param>
internal sealed record SqlServerPrefilter(bool ByLevel, IReadOnlyList<byte[]> Sources, IReadOnlyList<byte[]> Categories, bool IsExact)
{
    /// <summary>A condition with more values than this is left to the filter; with fewer the last value is repeated.</summary>
    public const int MaxValues = 4;

    public static SqlServerPrefilter Of(LogQueryPlan plan)
    {
        var sources = Find(plan, EventField.Source);
        var categories = Find(plan, EventField.Category);
        var served = (sources is null ? 0 : 1) + (categories is null ? 0 : 1);
        var isExact = plan.Residual is FilterNode.Constant { Value: true }
            || (plan.AreHintsComplete && plan.Hints.Length == served && IsWhole(sources) && IsWhole(categories));
        return new SqlServerPrefilter(!plan.Levels.IsAll, Prefixes(sources), Prefixes(categories), isExact);
    }

    public bool IsEmpty => !ByLevel && Sources.Count == 0 && Categories.Count == 0;

    /// <summary>For names of statements: one letter a condition.</summary>
    public string Shape => (ByLevel ? "l" : "") + (Sources.Count > 0 ? "s" : "") + (Categories.Count > 0 ? "c" : "");

    /// <summary>The conditions on alias <c>e</c>; empty where there are none.</summary>
    public IEnumerable<string> Conditions
    {
        get
        {
            if (ByLevel)
                yield return "(@levels & POWER(2, e.level)) <> 0";
            if (Sources.Count > 0)
                yield return IsOneOf("source");
            if (Categories.Count > 0)
                yield return IsOneOf("category");
        }
    }

    public IEnumerable<SqlServerParameter> Parameters
    {
        get
        {
            if (ByLevel)
                yield return Int("levels");
            foreach (var (column, values) in new[] { ("source", Sources), ("category", Categories) })
            {
                for (var i = 0; i < MaxValues && values.Count > 0; i++)
                    yield return Bytes(column + (char)('0' + i), SqlServerSchema.MaxPrefixBytes);
            }
        }
    }

    public IEnumerable<object?> Values(LogQueryPlan plan)
    {
        if (ByLevel)
            yield return (int)plan.Levels.Bits;
        foreach (var values in new[] { Sources, Categories })
        {
            for (var i = 0; i < MaxValues && values.Count > 0; i++)
                yield return values[Math.Min(i, values.Count - 1)];
        }
    }

    /// <summary>What the columns hold of a field.</summary>
    public static ReadOnlySpan<byte> PrefixOf(ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, SqlServerSchema.MaxPrefixBytes)];

    // Two hints about one field would need two columns of parameters: they are left to the filter.
    private static LogQueryHint.FieldIn? Find(LogQueryPlan plan, EventField field)
    {
        var hints = plan.Hints.OfType<LogQueryHint.FieldIn>().Where(hint => hint.Field == field).ToArray();
        return hints is [{ Values.Length: <= MaxValues } only] ? only : null;
    }

    private static bool IsWhole(LogQueryHint.FieldIn? hint) =>
        hint is null || hint.Values.All(value => value.Length < SqlServerSchema.MaxPrefixBytes);

    private static byte[][] Prefixes(LogQueryHint.FieldIn? hint) =>
        hint is null ? [] : [.. hint.Values.Select(value => PrefixOf(value).ToArray())];

    // The engine pads what it compares: without the lengths a text would equal itself followed by NULs.
    private static string IsOneOf(string column) => "(" + string.Join(
        " OR ", Enumerable.Range(0, MaxValues).Select(i => $"(e.{column} = @{column}{i} AND DATALENGTH(e.{column}) = DATALENGTH(@{column}{i}))")) + ")";
}
