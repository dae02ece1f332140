namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

public sealed class SpoolIdempotencyTests : IDisposable
{
    private static readonly IdempotencyIdentity Identity = new(1, 2);
    private readonly SpoolFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(TestEvents.ReceivedAt));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_repeat_is_answered_as_the_first_and_stores_nothing()
    {
        await using var node = await SpoolNode.StartAsync(_folder, time: _time);
        await node.AppendOkAsync(2);
        var first = await node.AppendOkAsync(3, Identity);
        var repeat = await node.AppendOkAsync(3, Identity);
        Assert.False(first.Replayed);
        Assert.True(repeat.Replayed);
        Assert.Equal(first.Receipt, repeat.Receipt);
        Assert.Equal(5, (await node.StatusAsync()).HeadOrdinal);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_a_conflict()
    {
        await using var node = await SpoolNode.StartAsync(_folder, time: _time);
        await node.AppendOkAsync(1, Identity);
        using var block = TestEvents.Block(1);
        var other = Identity with { Body = 3 };
        Assert.Equal(
            IngestErrorKind.IdempotencyConflict,
            Assert.IsType<SpoolProtocol.AppendRejected>(await node.AppendAsync(block, other)).Error.Kind);
        Assert.Equal(IngestErrorKind.IdempotencyConflict, Assert.IsType<SpoolProtocol.AppendRejected>(await FindAsync(node, other)).Error.Kind);
    }

    [Fact]
    public async Task A_repeat_in_flight_waits_for_the_same_outcome()
    {
        var faults = new JournalFaults();
        await using var node = await SpoolNode.StartAsync(_folder, time: _time, hocon: faults.Hocon);
        using var held = new ManualResetEventSlim();
        faults.BeforeWrite = held.Wait;
        using var block = TestEvents.Block(2);
        var first = node.AppendAsync(block, Identity);
        var repeat = node.AppendAsync(block, Identity);
        var asked = FindAsync(node, Identity);
        await node.StatusAsync();
        Assert.False(repeat.IsCompleted || asked.IsCompleted);
        held.Set();
        Assert.False(Assert.IsType<SpoolProtocol.Appended>(await first).Replayed);
        Assert.True(Assert.IsType<SpoolProtocol.Appended>(await repeat).Replayed);
        Assert.True(Assert.IsType<SpoolProtocol.Appended>(await asked).Replayed);
        Assert.Equal(2, (await node.StatusAsync()).HeadOrdinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_memory_of_keys_survives_a_restart(bool withSnapshot)
    {
        SpoolProtocol.Appended first;
        await using (var node = await SpoolNode.StartAsync(_folder, time: _time))
        {
            first = await node.AppendOkAsync(3, Identity);
            if (withSnapshot)
                await node.StopAsync();
            else
                await node.KillAsync();
        }

        Assert.Equal(withSnapshot ? 1L : 0L, _folder.Scalar<long>("SELECT COUNT(*) FROM snapshot"));
        await using var again = await SpoolNode.StartAsync(_folder, time: _time);
        var repeat = await again.AppendOkAsync(3, Identity);
        Assert.True(repeat.Replayed);
        Assert.Equal(first.Receipt, repeat.Receipt);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        await using var node = await SpoolNode.StartAsync(_folder, time: _time);
        await node.AppendOkAsync(1, Identity);
        _time.Advance(TimeSpan.FromHours(23.9));
        Assert.IsType<SpoolProtocol.Appended>(await FindAsync(node, Identity));
        _time.Advance(TimeSpan.FromHours(0.2));
        Assert.IsType<SpoolProtocol.NotSeen>(await FindAsync(node, Identity));
        Assert.False((await node.AppendOkAsync(1, Identity with { Body = 9 }, _time.GetUtcNow().UtcDateTime)).Replayed);
    }

    private static Task<object> FindAsync(SpoolNode node, IdempotencyIdentity identity) =>
        node.Spool.Ask<object>(new SpoolProtocol.Find(0, identity), TimeSpan.FromSeconds(10));
}
