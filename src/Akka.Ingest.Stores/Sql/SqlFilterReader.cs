namespace Akka.Ingest.Stores.Sql;

using System.Data.Common;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>A row that a walk looked at.</summary>
/// <param name="Place">Its timestamp ticks, or with <see cref="LogOrder.Received"/> its arrival number.</param>
internal readonly record struct SqlScannedRow(long Place, DateOnly Day, Guid SpoolId, long PackedId, long TimestampTicks, Severity Severity)
{
    public EventId Id => SqlEventId.Unpack(SpoolId, PackedId);
}

/// <summary>
/// Asks a plan's conditions of rows <c>place, </c><see cref="SqlColumns.ForFilter"/>: time range, levels and the residual filter, with the
/// evaluator that all providers share.
/// </summary>
internal sealed class SqlFilterReader(LogQueryPlan plan, Func<DbDataReader, int, Guid> readSpool) : IDisposable
{
    private const int FirstField = 8;
    private readonly EventFilter _filter = plan.CreateFilter();
    private readonly EventRecordWriter _writer = new(1024);
    private readonly SqlBytes _bytes = new();
    private readonly SqlBytes _apiKeyBytes = new();

    /// <summary>True when every row of the right time and level matches.</summary>
    public bool IsTrue => _filter.IsTrue;

    /// <summary>The columns to select after <c>place</c>.</summary>
    public string Columns => IsTrue ? SqlColumns.WithoutFilter : SqlColumns.ForFilter(_filter.Fields);

    /// <summary>Rows whose JSON is no JSON any more.</summary>
    public int AlteredRows { get; private set; }

    public SqlScannedRow Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetFieldValue<DateOnly>(1), readSpool(row, 2), row.GetInt64(3), row.GetInt64(4), (Severity)row.GetInt16(5));

    /// <summary>True when the row that the reader stands on matches the plan.</summary>
    public bool Matches(DbDataReader row, in SqlScannedRow scanned)
    {
        if (!plan.Levels.Contains(scanned.Severity) || scanned.TimestampTicks < plan.FromTicks || scanned.TimestampTicks >= plan.ToTicks)
            return false;
        if (IsTrue)
            return true;
        _writer.Clear();
        _writer.Begin(scanned.TimestampTicks, 0, scanned.Severity);
        var column = FirstField;
        for (var field = 0; field < EventFields.Count; field++)
        {
            if ((_filter.Fields & (1 << field)) == 0)
                continue;
            if (!row.IsDBNull(column))
                _writer.Append((EventField)field, _bytes.Read(row, column));
            column++;
        }

        _writer.End();
        var apiKey = row.IsDBNull(7) ? [] : _apiKeyBytes.Read(row, 7);
        try
        {
            return _filter.Matches(EventRecord.Read(_writer.WrittenSpan), new EventOrigin(scanned.Id, row.GetInt64(6), apiKey));
        }
        catch (JsonException)
        {
            AlteredRows++;
            return false;
        }
    }

    public void Dispose() => _writer.Dispose();
}
