namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
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
            // Each begins with an empty table of a day.
            await CopyAsync(source, total, connections, batchSize, isTraced);
            await ExecuteAsync(source, "TRUNCATE events");
            await ExecuteAsync(source, "CHECKPOINT");
        }

        // Twice: the first run also compiles what it runs.
        await AppendAsync(store, total, partitions, batchSize, isTraced);
        await AppendAsync(store, total, partitions, batchSize, isTraced);
        total *= 2;
        await using (var size = source.CreateCommand("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('events')"))
        {
            var bytes = (decimal)(await size.ExecuteScalarAsync())!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"disk: {bytes / total:F0} B/event"));
        }

        foreach (var index in await store.Indexes.DescribeAsync(CancellationToken.None))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {index.Name}: {(double)(index.SizeBytes ?? 0) / total:F1} B/event"));
        await StoreBenchmarks.QueryAsync(store, isTraced);
    }

    private static Task CopyAsync(NpgsqlDataSource source, int total, int connections, int batchSize, bool isTraced) =>
        MeasureAsync($"plain COPY, {connections} connections", total, connections, batchSize, isTraced, async (connection, batches) =>
        {
            await using var opened = await source.OpenConnectionAsync();
            await foreach (var (number, records) in batches)
                await CopyAsync(opened, records, SqlEventId.Pack(connection, (long)number * batchSize));
        });

    // Partitions do not wait for one another, as in delivery.
    private static Task AppendAsync(PostgreSqlLogStore store, int total, int partitions, int batchSize, bool isTraced)
    {
        var spool = Guid.NewGuid();
        var received = TimeProvider.System.GetUtcNow().UtcDateTime;
        return MeasureAsync($"store, {partitions} partitions", total, partitions, batchSize, isTraced, async (partition, batches) =>
        {
            var position = StoredPosition.Start;
            await foreach (var (number, records) in batches)
            {
                var next = new StoredPosition(new SpoolOffset(position.Offset.Sequence + 1, batchSize), position.Ordinal + batchSize, (ulong)number);
                var batch = new StoreBatch
                {
                    SpoolId = spool,
                    Partition = partition,
                    Expected = position,
                    Next = next,
                    Slices = [new StoreSlice(records, batchSize, position.Ordinal, received, "key-1")],
                };
                if (await store.AppendAsync(batch, CancellationToken.None) is not StoreAppendResult.Appended)
                    throw new InvalidOperationException("The store did not take a batch.");
                position = next;
            }
        });
    }

    private static async Task MeasureAsync(
        string name, int total, int writers, int batchSize, bool isTraced, Func<int, IAsyncEnumerable<(int Number, byte[] Records)>, Task> write)
    {
        var slices = Enumerable.Range(0, 32).Select(i => StoreBenchmarks.Records(batchSize, i, isTraced)).ToArray();
        var clock = DateTime.UnixEpoch.AddYears(56).Ticks;
        var batches = total / batchSize;
        var next = -1;
        async IAsyncEnumerable<(int Number, byte[] Records)> Batches()
        {
            for (var batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                await Task.Yield();
                var records = slices[batch % slices.Length].ToArray();
                StoreBenchmarks.Restamp(records, clock + (batch * batchSize * 150L));
                yield return (batch, records);
            }
        }

        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => write(writer, Batches()))));
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {batches * batchSize} events, {batches * batchSize / watch.Elapsed.TotalSeconds:F0} events/s, {used.TotalMicroseconds / (batches * batchSize):F2} us CPU/event"));
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
