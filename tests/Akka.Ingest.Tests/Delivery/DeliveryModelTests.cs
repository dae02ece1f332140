namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using Akka.TestKit.Xunit2;
using CsCheck;
using Xunit;

/// <summary>
/// The promise as a model: whatever entries, limits, faults, poison events and crashes, every event ends exactly once, in
/// the store in order or in the dead letters.
/// </summary>
public sealed class DeliveryModelTests() : TestKit("akka.loglevel = OFF")
{
    private static readonly Gen<StoreFault> AnyFault = Gen.Frequency(
        (6, Gen.Const(StoreFault.None)),
        (2, Gen.OneOf(StoreFault.Transient, StoreFault.Throttled, StoreFault.Permanent)),
        (2, Gen.OneOf(StoreFault.CommitThenFail, StoreFault.CommitThenThrow, StoreFault.Throw)));

    private static readonly Gen<StoreFault> AnyCrash = Gen.OneOf(StoreFault.CrashBeforeCommit, StoreFault.CrashAfterCommit);

    /// <summary>The life of one process: some faults, then a crash.</summary>
    private static readonly Gen<StoreFault[]> AnyLife = Gen.Select(AnyFault.Array[0, 12], AnyCrash, (faults, crash) => (StoreFault[])[.. faults, crash]);

    private static readonly Gen<Scenario> AnyScenario = Gen.Select(
        Gen.Int[1, 30].Array[1, 3].Array[1, 8],
        Gen.Int[1, 25],
        Gen.Int[200, 5000],
        Gen.Int[3, 40],
        Gen.Int[2, 40],
        Gen.Int[0, 9],
        Gen.Bool,
        AnyLife.Array[0, 4]).Select(Gen.Int[2, 12]).Select((drawn, rivalEvery) =>
            new Scenario(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4, drawn.Item5, drawn.Item6, drawn.Item7, rivalEvery, drawn.Item8));

    [Fact]
    public Task Every_event_ends_exactly_once_in_order_whatever_goes_wrong() =>
        AnyScenario.SampleAsync(RunAsync, iter: 150, threads: 1);

    private async Task RunAsync(Scenario scenario)
    {
        var entries = scenario.Entries();
        var script = new ScriptedSpool.Script(entries) { MemoryFromSequence = scenario.MemoryFrom };
        using var harness = new DeliveryHarness(Sys, script)
        {
            Settings = DeliveryHarness.FastSettings with { BatchSize = scenario.BatchSize, MaxBatchBytes = scenario.BatchBytes },
        };
        var rival = new RivalWriter(harness.Inner, entries, scenario.RivalEvery, scenario.IsPoison);
        // Not together with refusals without regard to the data: the one writer would file as a dead letter what the other can
        // store. Dead letters in files go with a single writer, which the lease of the folder sees to.
        if (!scenario.HasBlindRefusals)
            harness.Store.BeforeAppend = rival.MeddleAsync;
        harness.Store.IsPoison = scenario.IsPoison;
        harness.Store.Plan(scenario.Lives.FirstOrDefault([]));
        harness.Start();
        StoreFault[][] nextLives = [.. scenario.Lives.Skip(1), []];
        foreach (var life in nextLives)
        {
            await DeliveryHarness.UntilAsync(() => harness.Store.Crashed.IsCompleted || IsSettled());
            if (!harness.Store.Crashed.IsCompleted)
                break;
            // In a second life what was poison before may be fine: what is a dead letter must stay one all the same.
            if (scenario.PoisonHeals)
                harness.Store.IsPoison = static _ => false;
            await harness.CrashAndRestartAsync(life);
        }

        await harness.UntilSettledAsync();
        var stored = harness.StoredOrdinals;
        var dead = harness.DeadLetterOrdinals;
        var all = Enumerable.Range(0, entries.Sum(entry => entry.Entry.EventCount)).Select(i => (long)i).ToList();
        Assert.Equal(stored.Order(), stored);
        Assert.Equal(all, stored.Concat(dead).Order());
        // A refusal planned without regard to the data may hit an event that stands alone by then.
        if (!scenario.HasBlindRefusals)
            Assert.All(dead, ordinal => Assert.True(scenario.IsPoison(ordinal) || scenario.IsRejected(ordinal)));
        Assert.All(all.Where(scenario.IsRejected), ordinal => Assert.Contains(ordinal, dead));
        Assert.Equal(dead.Count, harness.DeadLetters.Count(script.SpoolId, DeliveryHarness.Partition, 0, all.Count));

        bool IsSettled() => harness.Position == TestEntries.EndOf(entries[^1]);
    }

    private sealed record Scenario(
        int[][] Sizes, int BatchSize, int BatchBytes, int PoisonEvery, int RejectedEvery, long MemoryFrom, bool PoisonHeals, int RivalEvery, StoreFault[][] Lives)
    {
        public override string ToString() =>
            $"sizes {string.Join(' ', Sizes.Select(entry => string.Join('+', entry)))}, batch {BatchSize} of {BatchBytes}, poison {PoisonEvery}, rejected {RejectedEvery}, "
            + $"memory {MemoryFrom}, heals {PoisonHeals}, rival {RivalEvery}, lives {string.Join(" | ", Lives.Select(life => string.Join(' ', life)))}";

        public bool HasBlindRefusals => Lives.Any(life => life.Contains(StoreFault.Permanent));

        public bool IsPoison(long ordinal) => ordinal % PoisonEvery == PoisonEvery - 1;

        public bool IsRejected(long ordinal) => ordinal % RejectedEvery == 1;

        public List<SequencedEntry> Entries()
        {
            var entries = new List<SequencedEntry>();
            var ordinal = 0L;
            foreach (var sizes in Sizes)
            {
                entries.Add(TestEntries.Entry(entries.Count + 1, ordinal, sizes, IsRejected));
                ordinal += sizes.Sum();
            }

            return entries;
        }
    }
}
