namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>Removes events in small steps, each a transaction with the counts it changes.</summary>
internal sealed class SqlServerExpiry(SqlServerDatabase database, SqlServerStoreSettings settings)
{
    private const int Deadlock = 1205;
    private const int MaxAttempts = 5;

    /// <exception cref="ArgumentOutOfRangeException">The request asks for no event.</exception>
    public async Task<ExpiredEvents> StepAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Events, 1, nameof(request));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryStepAsync(request, cancellationToken);
            }
            catch (SqlException exception) when (exception.Number == Deadlock && attempt < MaxAttempts)
            {
                // The step gives way to writers; nothing of it is left, and it may begin again.
            }
        }
    }

    private async Task<ExpiredEvents> TryStepAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenPooledAsync(cancellationToken);
        await using var transaction = await SqlServerDatabase.BeginAsync(connection, IsolationLevel.ReadCommitted, cancellationToken);
        var result = await RemoveAsync(connection, transaction, request, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private async Task<ExpiredEvents> RemoveAsync(
        SqlConnection connection, SqlTransaction transaction, ExpireRequest request, CancellationToken cancellationToken)
    {
        await using var command = SqlServerWriteSql.Expire.CreateCommand(
            connection, transaction, settings.WriteLimit, request.Day.ToDateTime(TimeOnly.MinValue), Math.Min(request.Events, settings.ExpireStep));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            throw new InvalidOperationException("The database did not say what was removed.");
        var removed = row.GetInt64(0);
        return new ExpiredEvents(
            removed, SqlServerHealth.BytesOf(removed, row.GetInt64(1)), IsComplete: row.GetInt32(2) == 0 || removed >= request.Events);
    }
}
