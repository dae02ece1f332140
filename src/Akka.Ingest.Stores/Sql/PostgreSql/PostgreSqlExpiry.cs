namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Globalization;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>
/// Removes events in steps that hold writers up briefly: a whole day by dropping its table, a part of one by deleting runs of ids in the
/// order of their arrival. The counts move in the same transaction.
/// </summary>
internal sealed class PostgreSqlExpiry(NpgsqlDataSource source, PostgreSqlDays days)
{
    /// <summary>Rows deleted in one step, while appends wait: some 50 ms.</summary>
    private const int MaxDeletes = 5_000;

    // The drop waits for what runs, and what comes later waits for the drop: after this time it steps aside.
    private const string Limit = "SET LOCAL lock_timeout = 100";

    // A table that is always being read is never given up: its events are deleted instead.
    private const int MaxRefusedDrops = 20;
    private int _refusedDrops;

    // As appends do, before anything that they change too: two that take locks in one order never wait for each other.
    private const string LockArrivals = "SELECT next FROM arrivals FOR UPDATE";
    private static readonly string Exclude = $"SELECT pg_advisory_xact_lock({PostgreSqlLocks.Space}, {PostgreSqlLocks.Expiry})";

    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<ExpiredEvents> ExpireAsync(ExpireRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, $"{Limit}; {Exclude}", cancellationToken);
            if (await FindAsync(connection, request.Day, cancellationToken) is not { } day)
                return new ExpiredEvents(0, 0, IsComplete: true);
            var expired = await MayDropAsync(connection, request, day, cancellationToken)
                ? await DropAsync(connection, request.Day, day, cancellationToken)
                : await DeleteAsync(connection, request, day, cancellationToken);

            // Not given up half way: whether it was done would not be known.
            await transaction.CommitAsync(CancellationToken.None);
            if (expired.IsComplete)
                Volatile.Write(ref _refusedDrops, 0);
            return expired;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            Interlocked.Increment(ref _refusedDrops);
            return new ExpiredEvents(0, 0, IsComplete: false);
        }
        catch (Exception exception) when (PostgreSqlFailures.IsStoreTrouble(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw PostgreSqlFailures.Thrown(exception);
        }
    }

    // Appends may add to the day until they are kept out: only then its number of events means anything.
    private async Task<bool> MayDropAsync(NpgsqlConnection connection, ExpireRequest request, Day day, CancellationToken cancellationToken)
    {
        if (request.Events < day.Events || Volatile.Read(ref _refusedDrops) >= MaxRefusedDrops)
            return false;
        await ExecuteAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({PostgreSqlLocks.Space}, {PostgreSqlLocks.OfDay(request.Day)})"), cancellationToken);
        return request.IsWholeDay || (await FindAsync(connection, request.Day, cancellationToken))?.Events <= request.Events;
    }

    private static async Task<Day?> FindAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT events, coalesce(pg_total_relation_size(to_regclass($2)), 0) FROM days WHERE day = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = PostgreSqlSchema.PartitionOf(day) });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new Day(row.GetInt64(0), row.GetInt64(1)) : null;
    }

    private async Task<ExpiredEvents> DropAsync(NpgsqlConnection connection, DateOnly date, Day day, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"DROP TABLE {PostgreSqlSchema.PartitionOf(date)}", cancellationToken);

        // Nobody writes the day any more, so its row of days now says exactly what was dropped.
        var literal = "DATE '" + date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "'";
        await ExecuteAsync(
            connection,
            LockArrivals + "; " +
            $"INSERT INTO expired (spool, api_key, events) SELECT spool, api_key, sum(events) FROM day_counts WHERE day = {literal} GROUP BY spool, api_key " +
            "ON CONFLICT (spool, api_key) DO UPDATE SET events = expired.events + excluded.events; " +
            $"DELETE FROM day_counts WHERE day = {literal}; DELETE FROM appends WHERE day = {literal}",
            cancellationToken);
        await using var remove = new NpgsqlCommand($"DELETE FROM days WHERE day = {literal} RETURNING events", connection);
        var events = (long)(await remove.ExecuteScalarAsync(cancellationToken))!;
        days.Forget();
        return new ExpiredEvents(events, day.Bytes, IsComplete: true);
    }

    private static async Task<ExpiredEvents> DeleteAsync(NpgsqlConnection connection, ExpireRequest request, Day day, CancellationToken cancellationToken)
    {
        var wanted = Math.Min(request.Events, MaxDeletes);
        await ExecuteAsync(connection, LockArrivals, cancellationToken);
        await using var delete = new NpgsqlCommand(PostgreSqlExpirySql.DeleteOldest, connection);
        delete.Parameters.AddWithValue("day", request.Day);
        delete.Parameters.AddWithValue("wanted", wanted);
        var removed = (long)(await delete.ExecuteScalarAsync(cancellationToken))!;
        await using var settle = new NpgsqlCommand(PostgreSqlExpirySql.SettleDay, connection);
        settle.Parameters.AddWithValue("day", request.Day);
        settle.Parameters.AddWithValue("removed", removed);
        await settle.ExecuteNonQueryAsync(cancellationToken);
        return new ExpiredEvents(removed, day.Events == 0 ? 0 : day.Bytes * removed / day.Events, IsComplete: removed < wanted || removed >= request.Events);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants, and names made from a date.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private readonly record struct Day(long Events, long Bytes);
}
