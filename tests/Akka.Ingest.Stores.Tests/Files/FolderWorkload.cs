namespace Akka.Ingest.Stores.Tests.Files;

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Xunit;

/// <summary>
/// A scripted life of a store, and what must be true of it afterwards however it ended. Writes as delivery does: what failed is
/// offered again until the store says that it has it.
/// </summary>
internal sealed class FolderWorkload(Func<ILogStore> create, Func<ILogStore, Task> maintain)
{
    private const int MaxTries = 5;
    public static readonly DateTime FirstDay = new(2026, 3, 1, 23, 59, 0, DateTimeKind.Utc);
    public static readonly DateTime SecondDay = new(2026, 3, 2, 8, 0, 0, DateTimeKind.Utc);
    private readonly Guid _spoolId = new("5eed0000-0000-4000-8000-000000000001");
    private readonly WorkloadModel _model = new();
    // Appends of several partitions run at once.
    private readonly ConcurrentDictionary<int, StoredPosition> _positions = [];
    private int _number;
    private ILogStore? _store;

    public WorkloadModel Model => _model;

    public Guid SpoolId => _spoolId;

    /// <summary>All of it; ends quietly when the disk has crashed.</summary>
    public async Task RunAsync(FaultyFileSystem disk)
    {
        foreach (var step in Script())
        {
            if (disk.HasCrashed)
                break;
            await step(disk);
        }

        if (_store is not null)
            await CloseAsync(_store);
    }

    /// <summary>A smaller life without faults, closed at the end: an expired day, a batch over midnight, dead letters, a batch without events.</summary>
    public async Task RunSmallAsync(FaultyFileSystem disk)
    {
        Func<FaultyFileSystem, Task>[] script =
        [
            OpenAsync, Append(0, ("key-1", FirstDay, 2)), Expire(FirstDay), Append(0, ("key-1", FirstDay, 3)), Append(1, ("", FirstDay, 1)),
            Append(2, ("key-2", FirstDay, 1), ("key-2", SecondDay, 1)), MaintainAsync, Append(1), AppendWithGaps(3), Append(0, ("key-1", SecondDay, 2)), Append(1, ("", SecondDay, 1)),
        ];
        foreach (var step in script)
            await step(disk);
        await CloseAsync(_store!);
    }

    /// <summary>One more event for every partition: writing goes on where the store stands.</summary>
    public async Task ContinueAsync(ILogStore store)
    {
        _store = store;
        foreach (var (partition, position) in _model.Positions)
            _positions[partition] = position;
        var disk = new FaultyFileSystem("");
        for (var partition = 0; partition < 4; partition++)
            await Append(partition, ("key-2", SecondDay, 1))(disk);
    }

    private Func<FaultyFileSystem, Task>[] Script() =>
    [
        OpenAsync,
        Append(0, ("key-1", FirstDay, 3)),
        Append(1, ("", FirstDay, 2)),
        Append(2, ("key-2", FirstDay, 2), ("key-2", SecondDay, 2)),
        Append(0),
        disk => Task.WhenAll(Append(0, ("key-1", SecondDay, 2))(disk), Append(1, ("", SecondDay, 1))(disk), Append(3, ("key-1", SecondDay, 3))(disk)),
        MaintainAsync,
        Append(1, ("key-1", SecondDay, 3)),
        Expire(FirstDay),
        Append(0, ("", SecondDay, 2)),
        ReopenAsync,
        Append(1, ("key-1", FirstDay, 2)),
        Expire(SecondDay, 2),
        MaintainAsync,
        Append(2, ("key-2", SecondDay, 1)),
        Append(3),
    ];

    private async Task OpenAsync(FaultyFileSystem disk)
    {
        _store = create();
        await TryAsync(disk, () => _store.InitializeAsync(CancellationToken.None));
    }

    private async Task ReopenAsync(FaultyFileSystem disk)
    {
        await CloseAsync(_store!);
        if (!disk.HasCrashed)
            await OpenAsync(disk);
    }

    private Task<bool> MaintainAsync(FaultyFileSystem disk) => TryAsync(disk, () => maintain(_store!));

    private Func<FaultyFileSystem, Task> Append(int partition, params (string Key, DateTime ReceivedAt, int Count)[] slices) => disk =>
    {
        var expected = _positions.GetValueOrDefault(partition, StoredPosition.Start);
        var ordinal = expected.Ordinal;
        var made = new List<(StoreSlice Slice, byte[][] Records)>();
        foreach (var (key, receivedAt, count) in slices)
        {
            made.Add(Slice(ordinal, key, receivedAt, count));
            ordinal += count;
        }

        return AppendAsync(disk, partition, made, ordinal);
    };

    private Func<FaultyFileSystem, Task> AppendWithGaps(int partition) => disk =>
    {
        var start = _positions.GetValueOrDefault(partition, StoredPosition.Start).Ordinal;
        return AppendAsync(disk, partition, [Slice(start + 1, "", SecondDay, 2), Slice(start + 8, "key-2", SecondDay, 1)], start + 10);
    };

    private async Task AppendAsync(FaultyFileSystem disk, int partition, IReadOnlyList<(StoreSlice Slice, byte[][] Records)> slices, long nextOrdinal)
    {
        var expected = _positions.GetValueOrDefault(partition, StoredPosition.Start);
        var batch = new StoreBatch
        {
            SpoolId = _spoolId,
            Partition = partition,
            Expected = expected,
            Next = new StoredPosition(new SpoolOffset(expected.Offset.Sequence + 1, 1), nextOrdinal, (ulong)(nextOrdinal * 7919) + 1),
            Slices = [.. slices.Select(pair => pair.Slice)],
        };
        var events = slices.SelectMany(pair => pair.Records.Select((record, i) => new StoredEvent(
            new EventId(_spoolId, partition, pair.Slice.FirstOrdinal + i), pair.Slice.ReceivedAt, pair.Slice.ApiKeyId, record))).ToArray();
        _model.Offer(batch, events);
        for (var tries = 0; !disk.HasCrashed; tries++)
        {
            Assert.True(tries < MaxTries, "The store does not take a batch though the disk works again.");
            var result = await _store!.AppendAsync(batch, CancellationToken.None);
            if (result is StoreAppendResult.OffsetMismatch mismatch)
                Assert.Equal(batch.Next, mismatch.Actual);
            else if (result is StoreAppendResult.Failed failed)
                Assert.NotEqual(StoreFailureKind.Permanent, failed.Failure.Kind);
            if (result is StoreAppendResult.Failed)
                continue;
            _positions[partition] = batch.Next;
            _model.Acknowledge(batch);
            return;
        }
    }

    private Func<FaultyFileSystem, Task> Expire(DateTime receivedAt, long events = ExpireRequest.WholeDay) => async disk =>
    {
        var day = StoredDay.Of(receivedAt);
        _model.MayExpire(day);
        var left = events;
        for (var isComplete = false; !isComplete;)
        {
            if (!await TryAsync(disk, async () =>
            {
                var expired = await _store!.ExpireAsync(new ExpireRequest(day, left), CancellationToken.None);
                isComplete = expired.IsComplete;
                if (events != ExpireRequest.WholeDay)
                    left = Math.Max(1, left - expired.Events);
            }))
                return;
        }

        if (events == ExpireRequest.WholeDay)
            _model.Expired(day);
    };

    /// <summary>False when the disk has crashed.</summary>
    private static async Task<bool> TryAsync(FaultyFileSystem disk, Func<Task> action)
    {
        for (var tries = 0; !disk.HasCrashed; tries++)
        {
            try
            {
                await action();
                return true;
            }
            catch (StoreException exception) when (disk.FaultyStepName is not null && tries < MaxTries)
            {
                Assert.NotEqual(StoreFailureKind.Permanent, exception.Failure.Kind);
            }
        }

        return false;
    }

    private static async Task CloseAsync(ILogStore store) => await store.DisposeAsync();

    private (StoreSlice Slice, byte[][] Records) Slice(long firstOrdinal, string key, DateTime receivedAt, int count)
    {
        var records = Enumerable.Range(0, count).Select(i => Record(receivedAt.AddSeconds(-_number % 3))).ToArray();
        return (new StoreSlice(records.SelectMany(bytes => bytes).ToArray(), count, firstOrdinal, receivedAt, key), records);
    }

    private byte[] Record(DateTime timestamp)
    {
        using var writer = new EventRecordWriter();
        writer.Begin(timestamp.Ticks, 7, (Severity)(_number % 6));
        writer.Append(EventField.Message, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event {++_number}")));
        writer.Append(EventField.Properties, Encoding.UTF8.GetBytes(_number % 2 == 0 ? "{\"a\":1}" : "{\n\"b\" : \"\u00e4\"}"));
        writer.End();
        return writer.WrittenSpan.ToArray();
    }
}
