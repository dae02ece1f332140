namespace Akka.Ingest.Tests.Spool;

using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using CsCheck;
using Xunit;

public sealed class SpoolStateTests
{
    private const int MaxKeys = 5;

    private static readonly Gen<Step> Steps = Gen.OneOf<Step>(
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 8], Gen.Int[0, 600]).Select((events, key, minutes) => (Step)new Append(events, key, minutes)),
        Gen.Int[0, 100].Select(percent => (Step)new Settle(percent)),
        Gen.Const((Step)new Restart()),
        Gen.Const((Step)new Snapshot()),
        Gen.Const((Step)new Corrupt()));

    private abstract record Step;

    private sealed record Append(int Events, int Key, int Minutes) : Step;

    private sealed record Settle(int Percent) : Step;

    private sealed record Restart : Step;

    private sealed record Snapshot : Step;

    private sealed record Corrupt : Step;

    [Fact]
    public void State_agrees_with_a_plain_model_whatever_happens()
    {
        Steps.Array[0, 60].Sample(steps =>
        {
            var state = Fresh();
            var model = new Model();
            var sequence = 2L;
            foreach (var step in steps)
                state = Run(state, model, step, ref sequence);
        });
    }

    [Fact]
    public void A_snapshot_and_the_events_after_it_give_the_same_state_as_all_events()
    {
        Gen.Select(Gen.Int[1, 4].Array[1, 30], Gen.Int[0, 30]).Sample((sizes, at) =>
        {
            var whole = Fresh();
            var cut = Fresh();
            var sequence = 2L;
            for (var i = 0; i < sizes.Length; i++)
            {
                if (i == at)
                    cut = SpoolStateFormat.Read(SpoolStateFormat.Write(cut), sequence, MaxKeys);
                var entry = Entry(whole.HeadOrdinal, sizes[i], new IdempotencyIdentity((UInt128)i, 1), TestEvents.ReceivedAt.AddMinutes(i));
                sequence++;
                whole.Apply(entry, sequence);
                cut.Apply(entry, sequence);
            }

            Assert.Equal(Convert.ToHexString(SpoolStateFormat.Write(whole)), Convert.ToHexString(SpoolStateFormat.Write(cut)));
        });
    }

    [Fact]
    public void Ids_own_the_ordinals_between_their_ends()
    {
        var state = Fresh();
        var (a, b, c) = (state.SpoolId, Guid.NewGuid(), Guid.NewGuid());
        state.Apply(Entry(0, 10), 3);
        state.Apply(new SpoolRenewed(b, new StoredPosition(new SpoolOffset(3, 0), 10, 0)), 4);
        state.Apply(Entry(10, 10), 5);
        state.Apply(new SpoolRenewed(c, new StoredPosition(new SpoolOffset(5, 0), 20, 0)), 6);
        Assert.Equal([a, a, b, b, c], new long[] { 0, 9, 10, 19, 20 }.Select(state.SpoolIdOf));
    }

    [Fact]
    public void The_checkpoint_never_leads_and_never_goes_back_on_old_news()
    {
        var state = Fresh();
        var entry = Entry(0, 10);
        state.Apply(entry, 3);
        Assert.False(state.Confirm(new StoredPosition(new SpoolOffset(4, 1), 11, 1)));
        Assert.True(state.Confirm(entry.EndPosition(3)));
        Assert.False(state.Confirm(new StoredPosition(new SpoolOffset(3, 5), 5, 1)));
        Assert.Equal(10, state.Checkpoint.Ordinal);
    }

    [Fact]
    public void An_entry_settled_in_part_is_not_trimmed()
    {
        var state = Fresh();
        state.Apply(Entry(0, 10), 3);
        state.Apply(Entry(10, 10), 4);
        state.Confirm(new StoredPosition(new SpoolOffset(4, 3), 13, 1));
        state.MoveTrim();
        Assert.Equal((3, 10), (state.TrimmedThrough, state.Trim.Ordinal));
        state.Confirm(new StoredPosition(new SpoolOffset(4, 10), 20, 1));
        state.MoveTrim();
        Assert.Equal((4, 20), (state.TrimmedThrough, state.Trim.Ordinal));
    }

    [Fact]
    public void The_age_of_a_long_backlog_is_told_from_few_marks_and_never_too_low()
    {
        var ages = new BacklogAges();
        for (var i = 0; i < 10_000; i++)
            ages.Add(i + 1, TestEvents.ReceivedAt.AddSeconds(i));
        Assert.Equal(TestEvents.ReceivedAt, ages.Oldest);
        ages.Settle(5_000);
        Assert.True(ages.Oldest <= TestEvents.ReceivedAt.AddSeconds(5_000));
        Assert.True(ages.Oldest > TestEvents.ReceivedAt.AddSeconds(4_900));
        ages.Settle(10_000);
        Assert.Null(ages.Oldest);
    }

    private static SpoolState Run(SpoolState state, Model model, Step step, ref long sequence)
    {
        switch (step)
        {
            case Append append:
                model.Now = model.Now.AddMinutes(append.Minutes);
                var identity = new IdempotencyIdentity((UInt128)append.Key, 1);
                var known = state.Find(identity.Key, model.Now);
                Assert.Equal(model.Find(identity.Key), known?.FirstOrdinal);
                if (known is not null)
                    break;
                var entry = Entry(state.HeadOrdinal, append.Events, identity, model.Now);
                state.Apply(entry, ++sequence);
                model.Append(identity.Key, entry);
                break;
            case Settle settle:
                if (model.Entries.Count == 0)
                    break;
                var last = model.Entries[(model.Entries.Count - 1) * settle.Percent / 100];
                state.Confirm(last.Entry.EndPosition(last.Sequence));
                model.Settled = Math.Max(model.Settled, last.Entry.EndOrdinal);
                break;
            case Restart:
                state.Apply(new Owned(state.Epoch + 1), ++sequence);
                break;
            case Snapshot:
                state.MoveTrim();
                state = SpoolStateFormat.Read(SpoolStateFormat.Write(state), sequence, MaxKeys);
                break;
            case Corrupt:
                state.Apply(new CorruptEntry("entry", [], "made up"), ++sequence);
                break;
        }

        if (step is Append && model.Entries.Count > 0 && model.Entries[^1].Sequence == 0)
            model.Entries[^1] = (model.Entries[^1].Entry, sequence);
        Assert.Equal(model.Entries.Where(item => item.Entry.EndOrdinal > model.Settled).Sum(item => item.Entry.EventCount), state.Backlog);
        Assert.Equal(model.Entries.Sum(item => item.Entry.EventCount), state.Accepted.Values.Sum(count => count.Events));
        Assert.True(state.RememberedCount <= MaxKeys);
        Assert.True(state.TrimmedThrough <= state.HeadSequence && state.Trim.Ordinal <= state.Checkpoint.Ordinal);
        return state;
    }

    private static SpoolState Fresh()
    {
        var state = new SpoolState(MaxKeys);
        state.Apply(new SpoolCreated(Guid.Parse("01997e3a-0000-7000-8000-000000000001"), 1), 1);
        state.Apply(new Owned(1), 2);
        return state;
    }

    private static SpoolEntry Entry(long firstOrdinal, int events, IdempotencyIdentity? identity = null, DateTime? at = null)
    {
        using var block = TestEvents.Block(events);
        return SpoolEntryFormat.Write(1, firstOrdinal, [new SpooledRequest(at ?? TestEvents.ReceivedAt, "key", events, 0, identity)], [block.Chunks]);
    }

    private sealed class Model
    {
        private readonly List<(UInt128 Key, long FirstOrdinal, DateTime At)> _remembered = [];

        public DateTime Now { get; set; } = TestEvents.ReceivedAt;
        public List<(SpoolEntry Entry, long Sequence)> Entries { get; } = [];
        public long Settled { get; set; }

        public long? Find(UInt128 key)
        {
            var newest = _remembered.TakeLast(MaxKeys).LastOrDefault(item => item.Key == key && Now - item.At < TimeSpan.FromHours(24));
            return newest.At == default ? null : newest.FirstOrdinal;
        }

        public void Append(UInt128 key, SpoolEntry entry)
        {
            _remembered.Add((key, entry.FirstOrdinal, Now));
            Entries.Add((entry, 0));
        }
    }
}
