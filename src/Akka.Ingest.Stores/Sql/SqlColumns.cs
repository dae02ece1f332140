namespace Akka.Ingest.Stores.Sql;

using Akka.Ingest.Model;

/// <summary>Columns of table <c>events</c> that the relational servers have in common, and the order in which statements select them.</summary>
internal static class SqlColumns
{
    /// <summary>Columns of the record's fields, in the order of <see cref="EventField"/>; bytes, NULL where the field is absent.</summary>
    public static readonly string[] Fields =
    [
        "message", "message_template", "exception", "trace_id", "span_id", "source", "host", "environment", "category", "body", "headers",
        "properties",
    ];

    /// <summary>What <see cref="SqlEventReader"/> reads.</summary>
    public static readonly string WholeEvent =
        "e.spool, e.id, e.timestamp, e.level, e.received, e.checksum, e.fraction_digits, e.api_key, " + string.Join(", ", Fields.Select(name => "e." + name));

    /// <summary>
    /// What <see cref="SqlFilterReader"/> reads after <c>place</c>: the columns that the fields of a filter need, and no others.
    /// </summary>
    /// <param name="fields">Bit n = <see cref="EventField"/> n.</param>
    public static string ForFilter(int fields) =>
        "e.day, e.spool, e.id, e.timestamp, e.level, e.received, e.api_key"
        + string.Concat(Fields.Where((_, field) => (fields & (1 << field)) != 0).Select(name => ", e." + name));

    /// <summary>The same where there is no filter to ask.</summary>
    public const string WithoutFilter = "e.day, e.spool, e.id, e.timestamp, e.level";
}
