namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Stores.Sql;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

/// <summary>The PostgreSQL store beside what the plain driver does: COPY of the same rows into the same indexed table, one commit a batch.</summary>
internal static class PostgreSqlBenchmarks
{
    public static async Task RunAsync(string connectionString, int total, int partitions, int batchSize, bool isTraced)
    {
        await using var store = new PostgreSqlLogStore(new PostgreSqlStoreSettings(connectionString), TimeProvider.System, NullLogger<PostgreSqlLogStore>.Instance);
        await store.InitializeAsync(CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(connectionString);
        foreach (var connections in new[] { 1, partitions }.Distinct())
        {
            // Each begins with the same empty tables of a day.
            await CopyAsync(source, total, connections, batchSize, isTraced);
            await ExecuteAsync(source, "TRUNCATE events; CHECKPOINT");
        }

        await StoreBenchmarks.WriteAsync(store, total, partitions, batchSize, isTraced);
        await using (var size = source.CreateCommand("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('events')"))
        {
            var bytes = (decimal)(await size.ExecuteScalarAsync())!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"disk: {bytes / total:F0} B/event"));
        }

        foreach (var index in await store.Indexes.DescribeAsync(CancellationToken.None))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {index.Name}: {(double)(index.SizeBytes ?? 0) / total:F1} B/event"));
        await StoreBenchmarks.QueryAsync(store, isTraced);
    }

    private static async Task CopyAsync(NpgsqlDataSource source, int total, int connections, int batchSize, bool isTraced)
    {
        var slices = Enumerable.Range(0, 32).Select(i => StoreBenchmarks.Records(batchSize, i, isTraced)).ToArray();
        var clock = DateTime.UnixEpoch.AddYears(56).Ticks;
        var batches = total / batchSize;
        var next = -1;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(async () =>
        {
            await using var opened = await source.OpenConnectionAsync();
            for (var batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                var records = slices[batch % slices.Length].ToArray();
                StoreBenchmarks.Restamp(records, clock + (batch * batchSize * 150L));
                await CopyAsync(opened, records, SqlEventId.Pack(connection, (long)batch * batchSize));
            }
        })));
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"plain COPY, {connections} connections: {batches * batchSize} events, {batches * batchSize / watch.Elapsed.TotalSeconds:F0} events/s, {used.TotalMicroseconds / (batches * batchSize):F2} us CPU/event"));
    }

    private static async Task CopyAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> records, long id)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY events ({PostgreSqlRowBuffer.ColumnList}) FROM STDIN (FORMAT binary)");
        while (!records.IsEmpty)
        {
            await copy.StartRowAsync();
            var length = EventRecord.PeekLength(records.Span);
            var (fields, ticks, level, digits) = Split(records.Span);
            await copy.WriteAsync(ticks, NpgsqlDbType.Bigint);
            await copy.WriteAsync(ticks, NpgsqlDbType.Bigint);
            await copy.WriteAsync(id++, NpgsqlDbType.Bigint);
            await copy.WriteAsync(0L, NpgsqlDbType.Bigint);
            await copy.WriteAsync(Guid.Empty, NpgsqlDbType.Uuid);
            await copy.WriteAsync(Today, NpgsqlDbType.Date);
            await copy.WriteAsync(level, NpgsqlDbType.Smallint);
            await copy.WriteAsync(digits, NpgsqlDbType.Smallint);
            await copy.WriteAsync(false, NpgsqlDbType.Boolean);
            await copy.WriteAsync("key-1"u8.ToArray(), NpgsqlDbType.Bytea);
            foreach (var field in fields)
            {
                if (field is null)
                    await copy.WriteNullAsync();
                else
                    await copy.WriteAsync(field, NpgsqlDbType.Bytea);
            }

            await copy.WriteAsync(fields[(int)EventField.Properties]!, NpgsqlDbType.Jsonb);
            await copy.WriteNullAsync();
            records = records[length..];
        }

        await copy.CompleteAsync();
    }

    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static (byte[]?[] Fields, long Ticks, short Level, short Digits) Split(ReadOnlySpan<byte> bytes)
    {
        var record = EventRecord.Read(bytes);
        var fields = new byte[]?[EventFields.Count];
        for (var field = 0; field < fields.Length; field++)
            fields[field] = record.Has((EventField)field) ? record[(EventField)field].ToArray() : null;
        return (fields, record.TimestampTicks, (short)record.Severity, (short)record.FractionDigits);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
