namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Akka.TestKit.Xunit2;
using Xunit;

public sealed class SpoolClientTests : TestKit
{
    private static readonly SpoolClientLimits Short = new(TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    private static readonly SpoolClientLimits Long = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
    private readonly BacklogGate _gate = new(new IngestionPipelineOptions { QueueCapacity = 10, MaxHoldMs = 0, Partitions = 4 }, TimeProvider.System);

    [Fact]
    public async Task Repeats_of_an_identity_meet_the_same_partition_and_others_are_spread()
    {
        var client = Client(Long);
        using var block = TestEvents.Block(1);
        var identity = new IdempotencyIdentity(4_242 * 4 + 3, 1);
        Assert.Equal([3, 3, 3], await PartitionsAsync(client, block, identity, 3));
        using var large = TestEvents.Block(200, padding: 200);
        Assert.Equal(4, (await PartitionsAsync(client, large, null, 4)).Distinct().Count());
    }

    [Fact]
    public async Task Small_requests_share_a_partition_for_a_while_and_reach_all_in_time()
    {
        var client = Client(Long);
        using var small = TestEvents.Block(10, padding: 1_000);
        var partitions = await PartitionsAsync(client, small, null, 40);
        Assert.Equal(4, partitions.Distinct().Count());
        Assert.Equal(partitions[0], partitions[1]);
    }

    [Fact]
    public async Task Without_an_answer_in_time_the_outcome_is_unknown_if_the_partition_took_it()
    {
        using var block = TestEvents.Block(1);
        var asked = Client(Short).AppendAsync(block, TestEvents.ReceivedAt, "", null, CancellationToken.None);
        var append = ExpectMsg<SpoolProtocol.Append>();
        Assert.True(append.TryTake());
        append.MarkCopied();
        Assert.Equal(IngestErrorKind.OutcomeUnknown, (await asked).Error!.Kind);
        Assert.Equal(0, _gate.Used);
    }

    [Fact]
    public async Task Without_an_answer_in_time_nothing_was_written_if_the_partition_had_not_taken_it()
    {
        using var block = TestEvents.Block(1);
        var outcome = await Client(Short).AppendAsync(block, TestEvents.ReceivedAt, "", null, CancellationToken.None);
        Assert.Equal(IngestErrorKind.JournalUnavailable, outcome.Error!.Kind);
        Assert.False(ExpectMsg<SpoolProtocol.Append>().TryTake());
    }

    [Fact]
    public async Task A_partition_that_is_recovering_is_asked_again()
    {
        using var block = TestEvents.Block(2);
        var asked = Client(Long).AppendAsync(block, TestEvents.ReceivedAt, "", null, CancellationToken.None);
        ExpectMsg<SpoolProtocol.Append>();
        LastSender.Tell(new SpoolProtocol.AppendRejected(SpoolErrors.Unavailable));
        ExpectMsg<SpoolProtocol.Append>();
        LastSender.Tell(new SpoolProtocol.Appended(new Receipt(Guid.Empty, 1, 0, 2, 0), false));
        Assert.NotNull((await asked).Receipt);
    }

    [Fact]
    public async Task A_full_queue_is_a_refusal_and_asks_nobody()
    {
        _gate.SetBacklog(0, 10);
        using var block = TestEvents.Block(1);
        var outcome = await Client(Long).AppendAsync(block, TestEvents.ReceivedAt, "", null, CancellationToken.None);
        Assert.Equal(IngestErrorKind.QueueFull, outcome.Error!.Kind);
        ExpectNoMsg(0);
    }

    [Fact]
    public async Task After_StopAccepting_everything_is_refused()
    {
        var client = Client(Long);
        client.StopAccepting();
        using var block = TestEvents.Block(1);
        var outcome = await client.AppendAsync(block, TestEvents.ReceivedAt, "", null, CancellationToken.None);
        Assert.Equal(IngestErrorKind.Stopping, outcome.Error!.Kind);
    }

    [Fact]
    public async Task An_unknown_identity_is_not_found()
    {
        var asked = Client(Long).FindAsync(new IdempotencyIdentity(1, 2), CancellationToken.None);
        ExpectMsg<SpoolProtocol.Find>();
        LastSender.Tell(SpoolProtocol.NotSeen.Instance);
        Assert.Null(await asked);
    }

    private SpoolClient Client(SpoolClientLimits limits) => new(() => TestActor, 4, _gate, TimeProvider.System, limits);

    private async Task<List<int>> PartitionsAsync(SpoolClient client, EventBlock block, IdempotencyIdentity? identity, int times)
    {
        var partitions = new List<int>();
        for (var i = 0; i < times; i++)
        {
            var asked = client.AppendAsync(block, TestEvents.ReceivedAt, "", identity, CancellationToken.None);
            partitions.Add(ExpectMsg<SpoolProtocol.Append>().Partition);
            LastSender.Tell(new SpoolProtocol.Appended(new Receipt(Guid.Empty, 0, 0, 1, 0), false));
            await asked;
        }

        return partitions;
    }
}
