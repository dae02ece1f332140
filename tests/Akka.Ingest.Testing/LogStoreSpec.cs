namespace Akka.Ingest.Testing;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Xunit;

/// <summary>What every store does. A provider's test class inherits it and says how to open a store.</summary>
public abstract partial class LogStoreSpec : IAsyncLifetime
{
    private const string NotReal = "\u0000 NUL, \U0001F600 pair, \u00e4\u00f6\u00fc, \u65e5\u672c, \r\n\t \"quoted\" \\ back";

    protected ILogStore Store { get; private set; } = null!;

    /// <summary>A store, not yet initialized, over what the stores made before by the same test left behind.</summary>
    protected abstract ILogStore CreateStore();

    public virtual async Task InitializeAsync()
    {
        Store = CreateStore();
        await Store.InitializeAsync(CancellationToken.None);
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = CreateStore();
        await Store.InitializeAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_spool_never_seen_has_no_position()
    {
        Assert.Null(await Store.ReadPositionAsync(Guid.NewGuid(), 0, CancellationToken.None));
    }

    [Fact]
    public async Task An_append_moves_the_position_together_with_the_events()
    {
        var feeder = new StoreFeeder(Store);
        var fed = await feeder.AppendAsync(3, [SpecEvent.Of("one"), SpecEvent.Of("two")], "key-1");

        Assert.Equal(feeder.Position(3), await Store.ReadPositionAsync(feeder.SpoolId, 3, CancellationToken.None));
        Assert.Equal(StoredPosition.Start, await Store.ReadPositionAsync(feeder.SpoolId, 2, CancellationToken.None));
        await AssertHoldsAsync(fed);
    }

    [Fact]
    public async Task A_repeated_append_writes_nothing_and_tells_the_position()
    {
        var feeder = new StoreFeeder(Store);
        var batch = feeder.Batch(0, [SpecEvent.Of("once")]);
        Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(batch, CancellationToken.None));

        var repeated = Assert.IsType<StoreAppendResult.OffsetMismatch>(await Store.AppendAsync(batch, CancellationToken.None));

        Assert.Equal(batch.Next, repeated.Actual);
        Assert.Equal(1, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task A_writer_left_behind_writes_nothing()
    {
        var feeder = new StoreFeeder(Store);
        var stale = new StoreFeeder(Store) { SpoolId = feeder.SpoolId };
        await feeder.AppendAsync(0, [SpecEvent.Of("a"), SpecEvent.Of("b")]);

        var result = await Store.AppendAsync(stale.Batch(0, [SpecEvent.Of("stale 1"), SpecEvent.Of("stale 2"), SpecEvent.Of("stale 3")]), CancellationToken.None);

        Assert.Equal(feeder.Position(0), Assert.IsType<StoreAppendResult.OffsetMismatch>(result).Actual);
        Assert.Equal(["b", "a"], await MessagesAsync(new LogQueryRequest()));
    }

    [Fact]
    public async Task A_position_with_another_entry_checksum_is_another_position()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
        var batch = feeder.Batch(0, [SpecEvent.Of("b")]);
        var other = new StoreBatch
        {
            SpoolId = batch.SpoolId,
            Partition = 0,
            Expected = batch.Expected with { EntryChecksum = 1 },
            Next = batch.Next,
            Slices = batch.Slices,
        };

        Assert.IsType<StoreAppendResult.OffsetMismatch>(await Store.AppendAsync(other, CancellationToken.None));
        Assert.Equal(1, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task An_unknown_spool_does_not_start_in_the_middle()
    {
        var other = new StoreFeeder(Store);
        await other.AppendAsync(0, [SpecEvent.Of("known")]);
        var batch = other.Batch(0, [SpecEvent.Of("unknown")]);
        var unknown = new StoreBatch { SpoolId = Guid.NewGuid(), Partition = 0, Expected = batch.Expected, Next = batch.Next, Slices = batch.Slices };

        var result = await Store.AppendAsync(unknown, CancellationToken.None);

        Assert.Null(Assert.IsType<StoreAppendResult.OffsetMismatch>(result).Actual);
        Assert.Null(await Store.ReadPositionAsync(unknown.SpoolId, 0, CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_batch_moves_the_position_only()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, []);

        Assert.Equal(feeder.Position(0), await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None));
        Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task Ordinals_may_have_gaps_where_dead_letters_were()
    {
        var feeder = new StoreFeeder(Store);
        StoreSlice Slice(string message, long ordinal) => new(SpecEvent.Of(message).Encode(), 1, ordinal, TestEvents.ReceivedAt, "");
        var batch = new StoreBatch
        {
            SpoolId = feeder.SpoolId,
            Partition = 1,
            Expected = StoredPosition.Start,
            Next = new StoredPosition(new SpoolOffset(1, 10), 10, 7),
            Slices = [Slice("second", 1), Slice("third", 2), Slice("ninth", 8)],
        };
        Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(batch, CancellationToken.None));

        foreach (var (ordinal, message) in new (long, string?)[] { (0, null), (1, "second"), (2, "third"), (3, null), (7, null), (8, "ninth"), (9, null) })
            Assert.Equal(message, MessageOf(await Store.FindAsync(new EventId(feeder.SpoolId, 1, ordinal), CancellationToken.None)));
    }

    [Fact]
    public async Task A_record_that_is_none_is_a_permanent_failure_and_leaves_nothing()
    {
        var feeder = new StoreFeeder(Store);
        var good = SpecEvent.Of("good").Encode();
        var batch = feeder.Batch(0, [SpecEvent.Of("x"), SpecEvent.Of("y")]);
        var broken = new StoreBatch
        {
            SpoolId = feeder.SpoolId,
            Partition = 0,
            Expected = batch.Expected,
            Next = batch.Next,
            Slices = [new StoreSlice((byte[])[.. good, .. new byte[20]], 2, 0, TestEvents.ReceivedAt, "")],
        };

        var result = await Store.AppendAsync(broken, CancellationToken.None);

        Assert.Equal(StoreFailureKind.Permanent, Assert.IsType<StoreAppendResult.Failed>(result).Failure.Kind);
        Assert.Equal(0, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        await feeder.AppendAsync(0, [SpecEvent.Of("after")]);
    }

    [Fact]
    public async Task Every_field_comes_back_byte_for_byte()
    {
        var feeder = new StoreFeeder(Store);
        var full = Enum.GetValues<EventField>().ToDictionary(field => field, field => field.IsJson() ? "{\"\\u0000\":[1.50, -0, 1E+400,123456789012345678901234567890.000]}" : NotReal + field);
        var empty = Enum.GetValues<EventField>().ToDictionary(field => field, field => field.IsJson() ? "\"\"" : "");
        var fed = new List<FedEvent>();
        fed.AddRange(await feeder.AppendAsync(0, [new SpecEvent { Fields = full, Severity = Severity.Critical, FractionDigits = 3 }], "k\u0000\U0001F600", TestEvents.ReceivedAt.AddTicks(1)));
        fed.AddRange(await feeder.AppendAsync(0, [new SpecEvent { Fields = empty, Severity = Severity.Trace, FractionDigits = 0, Ticks = 0 }]));
        fed.AddRange(await feeder.AppendAsync(0, Enum.GetValues<EventField>().Select(field => new SpecEvent { Fields = new Dictionary<EventField, string> { [field] = full[field] }, Ticks = DateTime.MaxValue.Ticks }).ToArray()));

        await ReopenAsync();

        await AssertHoldsAsync(fed);
    }

    [Fact]
    public async Task What_was_appended_is_there_after_reopening_and_the_position_goes_on()
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("before")]);
        await ReopenAsync();

        var position = await Store.ReadPositionAsync(feeder.SpoolId, 0, CancellationToken.None);
        Assert.Equal(feeder.Position(0), position);
        Assert.IsType<StoreAppendResult.Appended>(await Store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("after", afterTicks: 1)]), CancellationToken.None));
        Assert.Equal(["after", "before"], await MessagesAsync(new LogQueryRequest()));
    }

    [Fact]
    public async Task Appends_of_many_partitions_at_once_are_each_whole()
    {
        var feeders = Enumerable.Range(0, 8).Select(_ => new StoreFeeder(Store)).ToArray();
        await Task.WhenAll(feeders.Select((feeder, partition) => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
                await feeder.AppendAsync(partition, [.. Enumerable.Range(0, 20).Select(i => SpecEvent.Of($"{partition}-{round}-{i}"))]);
        })));

        Assert.Equal(1600, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        await AssertHoldsAsync([.. feeders.SelectMany(feeder => feeder.Fed)]);
    }

    [Fact]
    public async Task A_bad_batch_does_not_fail_its_neighbours()
    {
        var feeders = Enumerable.Range(0, 4).Select(_ => new StoreFeeder(Store)).ToArray();
        var good = feeders.SelectMany(feeder => Enumerable.Range(0, 4).Select(partition => feeder.Batch(partition, [SpecEvent.Of("good")])));
        var bad = new StoreBatch
        {
            SpoolId = Guid.NewGuid(),
            Partition = 0,
            Expected = StoredPosition.Start,
            Next = new StoredPosition(new SpoolOffset(1, 1), 1, 0),
            Slices = [new StoreSlice(new byte[16], 1, 0, TestEvents.ReceivedAt, "")],
        };

        var results = await Task.WhenAll(good.Append(bad).Select(batch => Store.AppendAsync(batch, CancellationToken.None)));

        Assert.All(results[..^1], result => Assert.IsType<StoreAppendResult.Appended>(result));
        Assert.IsType<StoreAppendResult.Failed>(results[^1]);
        Assert.Equal(16, await Store.CountAsync(new LogQueryPlan(), CancellationToken.None));
    }

    [Fact]
    public async Task The_store_answers_a_ping_and_describes_its_indexes()
    {
        await Store.PingAsync(CancellationToken.None);
        Assert.NotEmpty(await Store.Indexes.DescribeAsync(CancellationToken.None));
    }

    protected async Task AssertHoldsAsync(IReadOnlyList<FedEvent> fed)
    {
        foreach (var item in fed)
        {
            var stored = await Store.FindAsync(item.Id, CancellationToken.None);
            Assert.NotNull(stored);
            Assert.Equal(item.Id, stored.Id);
            Assert.Equal(item.ReceivedAt, stored.ReceivedAt);
            Assert.Equal(item.ApiKeyId, stored.ApiKeyId);
            Assert.Equal(item.Event.Encode(), stored.Record.ToArray());
        }
    }

    protected async Task<List<string>> MessagesAsync(LogQueryRequest request) => [.. (await Store.PageAsync(request)).Events.Select(item => MessageOf(item)!)];

    protected static string? MessageOf(StoredEvent? stored) =>
        stored is null ? null : System.Text.Encoding.UTF8.GetString(EventRecord.Read(stored.Record.Span)[EventField.Message]);
}
