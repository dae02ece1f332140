namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;

/// <summary>Events of one append whose ids follow each other without a gap and which came on one day.</summary>
/// <param name="LastOffset">Place of the last of them in the batch, from 0.</param>
internal readonly record struct AppendRun(long LastOffset, long LastOrdinal, int Count, DateOnly Day);

/// <summary>What a batch adds to a day.</summary>
internal sealed record DayTotals(long Events, long RecordBytes, long TimestampMin, long TimestampMax)
{
    public DayTotals Add(DayTotals other) => new(
        Events + other.Events, RecordBytes + other.RecordBytes, Math.Min(TimestampMin, other.TimestampMin), Math.Max(TimestampMax, other.TimestampMax));
}

/// <summary>
/// A batch, read through once before anything is sent: every record is one, and what the tables of counts, days and appends will
/// need is known. A bad batch is refused here, and its neighbours never notice.
/// </summary>
internal sealed class AppendPlan
{
    private readonly List<AppendRun> _runs = [];
    private readonly Dictionary<string, long> _keys = [];
    private readonly Dictionary<DateOnly, DayTotals> _days = [];

    private AppendPlan(StoreBatch batch) => Batch = batch;

    public StoreBatch Batch { get; }
    public int Events { get; private set; }
    public IReadOnlyList<AppendRun> Runs => _runs;

    /// <summary>Events by API key.</summary>
    public IReadOnlyDictionary<string, long> Keys => _keys;
    public IReadOnlyDictionary<DateOnly, DayTotals> Days => _days;

    /// <exception cref="InvalidDataException">A record is none, or an API key has a longer id than the table takes.</exception>
    public static AppendPlan Of(StoreBatch batch)
    {
        var plan = new AppendPlan(batch);
        foreach (var slice in batch.Slices.Where(slice => slice.Count > 0))
            plan.Add(slice);
        return plan;
    }

    private void Add(StoreSlice slice)
    {
        if (Encoding.UTF8.GetByteCount(slice.ApiKeyId) > SqlServerSchema.MaxApiKeyBytes)
            throw new InvalidDataException($"The id of an API key is longer than {SqlServerSchema.MaxApiKeyBytes} bytes.");
        var totals = Read(slice);
        var day = StoredDay.Of(slice.ReceivedAt);
        Events += slice.Count;
        _keys[slice.ApiKeyId] = _keys.GetValueOrDefault(slice.ApiKeyId) + slice.Count;
        _days[day] = _days.TryGetValue(day, out var before) ? before.Add(totals) : totals;
        if (_runs is [.., var last] && last.Day == day && last.LastOrdinal + 1 == slice.FirstOrdinal)
            _runs[^1] = new AppendRun(Events - 1, last.LastOrdinal + slice.Count, last.Count + slice.Count, day);
        else
            _runs.Add(new AppendRun(Events - 1, slice.FirstOrdinal + slice.Count - 1, slice.Count, day));
    }

    private static DayTotals Read(StoreSlice slice)
    {
        var records = slice.Records.Span;
        long bytes = 0;
        var earliest = long.MaxValue;
        var latest = long.MinValue;
        for (var i = 0; i < slice.Count; i++)
        {
            var record = EventRecord.Read(records);
            if ((byte)record.Severity >= LevelSet.SeverityCount)
                throw new InvalidDataException("An event record has a severity that does not exist.");
            bytes += record.Bytes.Length;
            earliest = Math.Min(earliest, record.TimestampTicks);
            latest = Math.Max(latest, record.TimestampTicks);
            records = records[record.Bytes.Length..];
        }

        return new DayTotals(slice.Count, bytes, earliest, latest);
    }
}
