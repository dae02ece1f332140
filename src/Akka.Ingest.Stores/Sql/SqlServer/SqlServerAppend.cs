namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>Writes a group of batches in one transaction: positions checked and moved, events, counts, arrival numbers.</summary>
internal sealed class SqlServerAppend(SqlConnection connection, TimeSpan limit)
{
    /// <returns>For each batch what became of it; those that are written are on disk.</returns>
    public async Task<StoreAppendResult[]> WriteAsync(IReadOnlyList<AppendPlan> plans)
    {
        // Never cancelled half way: the writer gives up only when the server does not answer within the limit.
        await using var transaction = await SqlServerDatabase.BeginAsync(connection, IsolationLevel.ReadCommitted, CancellationToken.None);
        var results = new StoreAppendResult[plans.Count];
        var moved = new List<AppendPlan>();
        for (var i = 0; i < plans.Count; i++)
        {
            results[i] = await MoveAsync(transaction, plans[i].Batch) ?? (StoreAppendResult)StoreAppendResult.Appended.Instance;
            if (results[i] is StoreAppendResult.Appended)
                moved.Add(plans[i]);
        }

        var events = moved.Sum(plan => plan.Events);
        if (events > 0)
        {
            await CopyAsync(transaction, [.. moved.Where(plan => plan.Events > 0).Select(plan => plan.Batch)]);
            await SettleAsync(transaction, moved, events);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return results;
    }

    private async Task<StoreAppendResult.OffsetMismatch?> MoveAsync(SqlTransaction transaction, StoreBatch batch)
    {
        var (expected, next) = (batch.Expected, batch.Next);
        await using var command = SqlServerWriteSql.MovePosition.CreateCommand(
            connection, transaction, limit,
            SqlServerTables.SpoolOf(batch), (byte)batch.Partition,
            expected.Offset.Sequence, expected.Offset.Index, expected.Ordinal, unchecked((long)expected.EntryChecksum),
            expected == StoredPosition.Start ? 1 : 0,
            next.Offset.Sequence, next.Offset.Index, next.Ordinal, unchecked((long)next.EntryChecksum));
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new InvalidOperationException("The database did not say whether the position moved.");
        return reader.GetInt32(0) == 1 ? null : new StoreAppendResult.OffsetMismatch(SqlServerRows.Position(reader, 1));
    }

    private async Task CopyAsync(SqlTransaction transaction, IReadOnlyList<StoreBatch> batches)
    {
        using var copy = new SqlBulkCopy(connection, SqlBulkCopyOptions.KeepNulls, transaction)
        {
            DestinationTableName = "dbo.Events",
            BulkCopyTimeout = (int)Math.Ceiling(limit.TotalSeconds),
        };
        for (var i = 0; i < EventRowReader.Columns.Length; i++)
            copy.ColumnMappings.Add(i, EventRowReader.Columns[i]);
        await using var rows = new EventRowReader(batches);
        await copy.WriteToServerAsync(rows);
    }

    private async Task SettleAsync(SqlTransaction transaction, IReadOnlyList<AppendPlan> plans, int events)
    {
        await using var command = SqlServerWriteSql.Settle.CreateCommand(
            connection, transaction, limit,
            SqlServerTables.Counts(plans), SqlServerTables.Days(plans), SqlServerTables.Appends(plans), (long)events);
        await command.ExecuteNonQueryAsync();
    }
}
