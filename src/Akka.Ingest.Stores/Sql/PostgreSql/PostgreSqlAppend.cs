namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>Writes one batch: position checked and locked, rows copied, everything moved, one commit.</summary>
internal sealed class PostgreSqlAppend(PostgreSqlStoreSettings settings, PostgreSqlDays days)
{
    /// <summary>Commits the batch, or says where the store stands.</summary>
    /// <exception cref="InvalidDataException">A record is none.</exception>
    public async Task<StoreAppendResult> WriteAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        DateOnly[] dates = [.. batch.Slices.Select(slice => StoredDay.Of(slice.ReceivedAt)).Distinct().Order()];
        foreach (var day in dates)
            await days.EnsureAsync(connection, day, cancellationToken);
        return await TryWriteAsync(connection, batch, dates, cancellationToken)
            ?? await WriteHeldAsync(connection, batch, dates, cancellationToken);
    }

    // Retention was faster: now it is kept out before the days are made again.
    private async Task<StoreAppendResult> WriteHeldAsync(NpgsqlConnection connection, StoreBatch batch, DateOnly[] dates, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var day in dates)
                await days.HoldAsync(connection, day, cancellationToken);
            return await TryWriteAsync(connection, batch, dates, cancellationToken)
                ?? throw new InvalidOperationException("A day is gone although it was held.");
        }
        finally
        {
            await PostgreSqlDays.ReleaseAsync(connection);
        }
    }

    /// <returns>Null when a day was dropped since it was made.</returns>
    private async Task<StoreAppendResult?> TryWriteAsync(NpgsqlConnection connection, StoreBatch batch, DateOnly[] dates, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var actual = await PostgreSqlPositions.LockAsync(connection, batch, cancellationToken);
        if (actual != batch.Expected)
        {
            await transaction.RollbackAsync(cancellationToken);
            return new StoreAppendResult.OffsetMismatch(actual ?? await PostgreSqlPositions.ReadAsync(connection, batch.SpoolId, batch.Partition, cancellationToken));
        }

        var hasText = new Dictionary<DateOnly, bool>(dates.Length);
        foreach (var day in dates)
        {
            if (await days.LockAsync(connection, day, cancellationToken) is not { } found)
                return null;
            hasText.Add(day, found);
        }

        var tally = new PostgreSqlTally(batch.SpoolId);
        for (var at = 0; at < batch.Slices.Count;)
        {
            var day = StoredDay.Of(batch.Slices[at].ReceivedAt);
            var count = batch.Slices.Skip(at).TakeWhile(slice => StoredDay.Of(slice.ReceivedAt) == day).Count();
            using var rows = new PostgreSqlRowBuffer(hasText[day]);
            await CopyAsync(connection, batch, day, at, count, rows, tally, cancellationToken);
            at += count;
        }

        await tally.WriteAsync(connection, batch, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return StoreAppendResult.Appended.Instance;
    }

    // Straight into the day's table: no row has to find its partition.
    private async Task CopyAsync(NpgsqlConnection connection, StoreBatch batch, DateOnly day, int first, int count, PostgreSqlRowBuffer rows, PostgreSqlTally tally, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY {PostgreSqlSchema.PartitionOf(day)} ({PostgreSqlRowBuffer.ColumnList}) FROM STDIN (FORMAT binary)", cancellationToken);
        try
        {
            for (var i = first; i < first + count; i++)
            {
                var slice = batch.Slices[i];
                for (var cursor = new SliceCursor(); cursor.Index < slice.Count;)
                {
                    cursor = Encode(rows, batch, slice, day, cursor, tally);
                    if (rows.Length < settings.CopyBytes)
                        continue;
                    await copy.WriteAsync(rows.Written, cancellationToken);
                    rows.Clear();
                }
            }

            rows.End();
            await copy.WriteAsync(rows.Written, cancellationToken);
        }
        catch
        {
            await CancelAsync(copy);
            throw;
        }

        await copy.DisposeAsync();
    }

    // Encodes records until there is a piece to send.
    private SliceCursor Encode(PostgreSqlRowBuffer rows, StoreBatch batch, StoreSlice slice, DateOnly day, SliceCursor cursor, PostgreSqlTally tally)
    {
        var received = slice.ReceivedAt.Ticks;
        var apiKey = Encoding.UTF8.GetBytes(slice.ApiKeyId);
        var seed = StoredEventChecksum.SeedOf(batch.SpoolId, batch.Partition, received, apiKey);
        var origin = new PostgreSqlRowOrigin(batch.SpoolId, day, received, apiKey);
        var records = slice.Records.Span[cursor.Offset..];
        var index = cursor.Index;
        for (; index < slice.Count && rows.Length < settings.CopyBytes; index++)
        {
            var record = EventRecord.Read(records);
            if ((byte)record.Severity >= LevelSet.SeverityCount)
                throw new InvalidDataException("An event record has a severity that does not exist.");
            var ordinal = slice.FirstOrdinal + index;
            var packedId = SqlEventId.Pack(batch.Partition, ordinal);
            rows.Add(record, packedId, StoredEventChecksum.Of(record.Bytes, ordinal, seed), origin);
            tally.Add(day, packedId, record.TimestampTicks, apiKey);
            records = records[record.Bytes.Length..];
        }

        return new SliceCursor(index, slice.Records.Length - records.Length);
    }

    private static async Task CancelAsync(NpgsqlRawCopyStream copy)
    {
        try
        {
            await copy.CancelAsync();
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            // The first error counts.
        }
    }

    private readonly record struct SliceCursor(int Index, int Offset);
}
