namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Writes one batch inside a transaction that the caller began: position checked, events, position moved.</summary>
internal sealed class SqliteAppend(SqliteSession session)
{
    private readonly SqliteEventInsert _insert = new(session);
    private readonly SqliteBatchCounts _counts = new(session);
    private readonly SqliteStatement _readArrival = session.Prepare("SELECT value FROM Counters WHERE name = 'next_arrival'");
    private readonly SqliteStatement _writeArrival = session.Prepare("UPDATE Counters SET value = ? WHERE name = 'next_arrival'");
    private readonly SqliteStatement _writePosition = session.Prepare(
        "INSERT INTO Positions (spool, partition, sequence, idx, ordinal, checksum) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (spool, partition) " +
        "DO UPDATE SET sequence = excluded.sequence, idx = excluded.idx, ordinal = excluded.ordinal, checksum = excluded.checksum");
    private readonly SqliteStatement _writeAppend = session.Prepare(
        "INSERT INTO Appends (first_id, first_arrival, count, received_min, received_max, timestamp_min, timestamp_max) VALUES (?, ?, ?, ?, ?, ?, ?)");

    /// <returns>Null when written.</returns>
    public StoreAppendResult.OffsetMismatch? Write(StoreBatch batch)
    {
        var number = SqlitePositions.FindSpool(session, batch.SpoolId);
        StoredPosition? actual = number < 0 ? null : SqlitePositions.Read(session, number, batch.Partition);
        if (batch.Expected != (actual ?? StoredPosition.Start))
            return new StoreAppendResult.OffsetMismatch(actual);
        if (number < 0)
            number = SqlitePositions.AddSpool(session, batch.SpoolId);
        WriteEvents(batch, number);
        WritePosition(batch, number);
        return null;
    }

    private void WriteEvents(StoreBatch batch, int spoolNumber)
    {
        if (batch.Slices.Count == 0)
            return;
        var arrival = ReadArrival();
        AppendRun? run = null;
        _counts.Begin();
        foreach (var slice in batch.Slices)
        {
            var packedId = PackedId.Pack(spoolNumber, batch.Partition, slice.FirstOrdinal);
            if (run is not null && run.NextId != packedId)
            {
                WriteRun(run);
                run = null;
            }

            run ??= new AppendRun(packedId, arrival);
            arrival += WriteSlice(slice, packedId, arrival, run);
        }

        if (run is not null)
            WriteRun(run);
        _counts.Write(spoolNumber);
        _writeArrival.Bind(1, arrival);
        _writeArrival.Execute();
    }

    private int WriteSlice(StoreSlice slice, long packedId, long arrival, AppendRun run)
    {
        var received = slice.ReceivedAt.Ticks;
        var seed = EventChecksum.SeedOf(received, Encoding.UTF8.GetBytes(slice.ApiKeyId));
        var records = slice.Records.Span;
        var tally = _counts.For(slice.ReceivedAt, slice.ApiKeyId);
        _insert.Begin(received, slice.ApiKeyId);
        for (var i = 0; i < slice.Count; i++)
        {
            var record = EventRecord.Read(records);
            if ((byte)record.Severity >= Query.LevelSet.SeverityCount)
                throw new InvalidDataException("An event record has a severity that does not exist.");
            _insert.Insert(record, arrival + i, packedId + i, seed);
            run.Add(record.TimestampTicks, received);
            tally.Add(record.TimestampTicks, arrival + i, record.Bytes.Length);
            records = records[record.Bytes.Length..];
        }

        return slice.Count;
    }

    private long ReadArrival()
    {
        try
        {
            return _readArrival.Step() ? _readArrival.Int64(0) : throw new InvalidOperationException("The store has lost its arrival counter.");
        }
        finally
        {
            _readArrival.Reset();
        }
    }

    private void WriteRun(AppendRun run)
    {
        _writeAppend.Bind(1, run.FirstId);
        _writeAppend.Bind(2, run.FirstArrival);
        _writeAppend.Bind(3, run.Count);
        _writeAppend.Bind(4, run.ReceivedMin);
        _writeAppend.Bind(5, run.ReceivedMax);
        _writeAppend.Bind(6, run.TimestampMin);
        _writeAppend.Bind(7, run.TimestampMax);
        _writeAppend.Execute();
    }

    private void WritePosition(StoreBatch batch, int spoolNumber)
    {
        _writePosition.Bind(1, spoolNumber);
        _writePosition.Bind(2, batch.Partition);
        _writePosition.Bind(3, batch.Next.Offset.Sequence);
        _writePosition.Bind(4, batch.Next.Offset.Index);
        _writePosition.Bind(5, batch.Next.Ordinal);
        _writePosition.Bind(6, unchecked((long)batch.Next.EntryChecksum));
        _writePosition.Execute();
    }

    /// <summary>Events of one append whose ids and arrivals both follow without a gap.</summary>
    private sealed class AppendRun(long firstId, long firstArrival)
    {
        public long FirstId { get; } = firstId;
        public long FirstArrival { get; } = firstArrival;
        public int Count { get; private set; }
        public long ReceivedMin { get; private set; } = long.MaxValue;
        public long ReceivedMax { get; private set; } = long.MinValue;
        public long TimestampMin { get; private set; } = long.MaxValue;
        public long TimestampMax { get; private set; } = long.MinValue;
        public long NextId => FirstId + Count;

        public void Add(long timestamp, long received)
        {
            Count++;
            ReceivedMin = Math.Min(ReceivedMin, received);
            ReceivedMax = Math.Max(ReceivedMax, received);
            TimestampMin = Math.Min(TimestampMin, timestamp);
            TimestampMax = Math.Max(TimestampMax, timestamp);
        }
    }
}
