namespace Akka.Ingest.Tests.Spool;

using Akka.Ingest.Spool;
using CsCheck;
using Xunit;

public sealed class EntryMemoryTests
{
    [Fact]
    public void Memory_holds_an_unbroken_run_within_its_limit()
    {
        // Each number is an entry's size; every third step delivery takes what is there.
        Gen.Int[1, 60].Array[1, 80].Sample(sizes =>
        {
            var memory = new EntryMemory(100);
            memory.Restart(0);
            var previous = 0L;
            var sequence = 0L;
            for (var i = 0; i < sizes.Length; i++)
            {
                sequence += 1 + (i % 2);
                memory.Add(new SequencedEntry(sequence, new SpoolEntry { Bytes = new byte[sizes[i]] }), previous);
                previous = sequence;
                Assert.True(memory.Bytes <= 100);
                if (i % 3 != 0 || memory.IsEmpty)
                    continue;
                var oldest = memory.Oldest();
                Assert.True(oldest[0].Sequence > memory.After && oldest[^1].Sequence <= memory.Through);
                memory.DropThrough(oldest[^1].Sequence);
            }
        });
    }

    [Fact]
    public void An_entry_after_one_that_found_no_room_is_not_taken_either()
    {
        var memory = new EntryMemory(100);
        memory.Restart(0);
        memory.Add(Entry(1, 90), 0);
        memory.Add(Entry(2, 90), 1);
        memory.Add(Entry(3, 5), 2);
        Assert.Equal((0, 1, 90), (memory.After, memory.Through, memory.Bytes));
    }

    [Fact]
    public void A_single_entry_larger_than_the_limit_is_held_when_nothing_else_is()
    {
        var memory = new EntryMemory(100);
        memory.Restart(0);
        memory.Add(Entry(1, 500), 0);
        Assert.Equal(1, memory.Through);
    }

    private static SequencedEntry Entry(long sequence, int size) => new(sequence, new SpoolEntry { Bytes = new byte[size] });
}
