namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Collections.Concurrent;
using System.Data;
using System.Globalization;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>
/// Makes the partition of a day before its first event: under a lock, so that nodes do not race, and attached instead of created in
/// place, which holds up neither writers nor readers.
/// </summary>
internal sealed class PostgreSqlDays(PostgreSqlStoreSettings settings, TimeProvider clock)
{
    private readonly ConcurrentDictionary<DateOnly, bool> _known = new();

    /// <summary>
    /// Makes the partition unless it is there; from today on also that of the next day. Retention may drop it again until
    /// <see cref="LockAsync"/>.
    /// </summary>
    public async Task EnsureAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        if (_known.ContainsKey(day))
            return;
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        DateOnly[] days = day >= today && day < DateOnly.MaxValue ? [day, day.AddDays(1)] : [day];
        foreach (var one in days)
        {
            if (await FindAsync(connection, one, cancellationToken) is null)
                await MakeAsync(connection, one, cancellationToken);
            _known[one] = true;
        }
    }

    /// <summary>Keeps the partition from being dropped until <see cref="ReleaseAsync"/>, and makes it unless it is there.</summary>
    public async Task HoldAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock_shared({PostgreSqlLocks.Space}, {PostgreSqlLocks.OfDay(day)})"), cancellationToken);
        if (await FindAsync(connection, day, cancellationToken) is null)
            await MakeAsync(connection, day, cancellationToken);
    }

    /// <summary>Ends every <see cref="HoldAsync"/> of the connection: in the pool it would go on holding.</summary>
    public static async Task ReleaseAsync(NpgsqlConnection connection)
    {
        if (connection.State == ConnectionState.Open)
            await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
    }

    /// <summary>Keeps the partition from being dropped until the transaction ends.</summary>
    /// <returns>Whether the day keeps the folded text, whoever made it; null where there is no partition any more.</returns>
    public async Task<bool?> LockAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock_shared($1, $2)")
                {
                    Parameters = { new NpgsqlParameter<int> { TypedValue = PostgreSqlLocks.Space }, new NpgsqlParameter<int> { TypedValue = PostgreSqlLocks.OfDay(day) } },
                },
                new NpgsqlBatchCommand("SELECT has_text FROM days WHERE day = $1") { Parameters = { new NpgsqlParameter<DateOnly> { TypedValue = day } } },
            },
        };
        await using var row = await commands.ExecuteReaderAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        if (await row.ReadAsync(cancellationToken))
            return row.GetBoolean(0);
        _known.Clear();
        return null;
    }

    /// <summary>Looks again before the next write.</summary>
    public void Forget() => _known.Clear();

    private static async Task<bool?> FindAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT has_text FROM days WHERE day = $1", connection);
        find.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
        return (bool?)await find.ExecuteScalarAsync(cancellationToken);
    }

    private async Task MakeAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({PostgreSqlLocks.Space}, {PostgreSqlLocks.Partitions})", cancellationToken);
        if (await FindAsync(connection, day, cancellationToken) is not null)
            return;

        // The name and the bounds are made from a date: nothing of a request gets here.
        var name = PostgreSqlSchema.PartitionOf(day);
        var from = Literal(day);
        var check = $"day = {from}";
        var to = day < DateOnly.MaxValue ? Literal(day.AddDays(1)) : "MAXVALUE";
        await ExecuteAsync(connection, $"CREATE TABLE {name} (LIKE events INCLUDING ALL, CHECK ({check}))", cancellationToken);
        if (settings.HasTextIndex)
            await MakeTextIndexAsync(connection, name, cancellationToken);
        await ExecuteAsync(
            connection,
            $"ALTER TABLE events ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to}); INSERT INTO days (day, has_text) VALUES ({from}, {(settings.HasTextIndex ? "true" : "false")})",
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task MakeTextIndexAsync(NpgsqlConnection connection, string partition, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, PostgreSqlSchema.TextExtension, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported)
        {
            throw new StoreException(
                new StoreFailure(
                    StoreFailureKind.Transient,
                    "postgresql:" + exception.SqlState,
                    "Storage:PostgreSql:TextIndex needs the extension pg_trgm, which this user may not create or the server does not have. Have an administrator run CREATE EXTENSION pg_trgm in the database, or set the option to false.",
                    typeof(PostgresException).FullName!),
                exception);
        }

        await ExecuteAsync(connection, $"CREATE INDEX {partition}_text ON {partition} USING gin (text_index gin_trgm_ops)", cancellationToken);
    }

    private static string Literal(DateOnly day) => "DATE '" + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "'";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants, and names made from a date.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
