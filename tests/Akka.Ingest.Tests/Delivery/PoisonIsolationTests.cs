namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using CsCheck;
using Xunit;

public sealed class PoisonIsolationTests
{
    [Fact]
    public void Halves_hold_the_same_events_in_order_and_meet_at_a_position() =>
        Gen.Select(Gen.Int[1, 20].Array[1, 4], Gen.Int[2, 9]).Where((sizes, _) => sizes.Sum() >= 3).Sample((sizes, modulus) =>
        {
            var range = Range(sizes, ordinal => ordinal % modulus == 0);
            if (range.StorableCount < 2)
                return true;
            var (first, second) = PoisonIsolation.Halve(range);
            return Storable(first).Concat(Storable(second)).SequenceEqual(Storable(range))
                && first.StorableCount == range.StorableCount / 2
                && first.Runs.Concat(second.Runs).Sum(run => run.Count) == range.Runs.Sum(run => run.Count)
                && first.End.Ordinal == second.Runs[0].FirstOrdinal
                && second.End == range.End;
        });

    private static WriteRange Range(int[] sizes, Func<long, bool> isSettled)
    {
        var expander = new EntryExpander(StoredPosition.Start, new HashSet<long>(Enumerable.Range(0, 100).Select(i => (long)i).Where(isSettled)), new NoReports());
        return new WriteRange([.. TestEntries.Entries(sizes).SelectMany(expander.Expand).SelectMany(chunk => chunk.Remaining.ToArray())]);
    }

    private static IEnumerable<long> Storable(WriteRange range) => range.Runs
        .Where(run => run.Kind == RunKind.Store)
        .SelectMany(run => Enumerable.Range(0, run.Count).Select(i => run.FirstOrdinal + i));

    private sealed class NoReports : IJournalReports
    {
        public void Missing(long from, long to)
        {
        }

        public void Unreadable(long sequence, int firstIndex, int endIndex, string explanation)
        {
        }
    }
}
